# The HCL that examples/chat_completion is equivalent to.

module "basic_chat" {
  source = "../../modules/chat_completion"

  model = "gpt-3.5-turbo"

  messages = [
    {
      role    = "system"
      content = "You are a helpful assistant specialized in explaining complex topics in simple terms."
    },
    {
      role    = "user"
      content = "Explain the concept of quantum computing to me like I'm 10 years old."
    }
  ]

  temperature = 0.7
  max_tokens  = 300
}

module "multi_turn_chat" {
  source = "../../modules/chat_completion"

  model = "gpt-4"

  messages = [
    {
      role    = "system"
      content = "You are an expert on climate change who provides educational information."
    },
    {
      role    = "user"
      content = "What is climate change?"
    },
    {
      role    = "assistant"
      content = "Climate change refers to long-term shifts in temperatures and weather patterns..."
    },
    {
      role    = "user"
      content = "What can I do to help reduce climate change?"
    }
  ]

  temperature = 0.6
  max_tokens  = 500
}

module "function_calling_chat" {
  source = "../../modules/chat_completion"

  model = "gpt-4"

  messages = [
    {
      role    = "system"
      content = "You are an assistant that helps people book flight tickets."
    },
    {
      role    = "user"
      content = "I want to book a flight from New York to London next week."
    }
  ]

  functions = [
    {
      name        = "search_flights"
      description = "Search for available flights between two locations"
      parameters = jsonencode({
        type = "object",
        properties = {
          departure_city = {
            type        = "string",
            description = "The city to depart from"
          },
        },
        required = ["departure_city", "arrival_city", "departure_date", "num_passengers"]
      })
    }
  ]

  function_call = "auto"
  temperature   = 0.2
}

resource "openai_chat_completion" "stored_completion" {
  model = "gpt-4o"
  store = true

  messages {
    role    = "system"
    content = "You are a helpful assistant."
  }

  messages {
    role    = "user"
    content = "What are the top 3 benefits of using Terraform?"
  }

  metadata = {
    category = "terraform_info"
    user_id  = "example_user"
  }
}

data "openai_chat_completion" "retrieved_completion" {
  completion_id = openai_chat_completion.stored_completion.id
}

output "retrieved_assistant_response" {
  value = data.openai_chat_completion.retrieved_completion.choices[0].message[0].content
}

data "openai_chat_completion_messages" "completion_messages" {
  completion_id = openai_chat_completion.stored_completion.id
  limit         = 10
  order         = "asc"
}

output "retrieved_messages" {
  value = data.openai_chat_completion_messages.completion_messages.messages
}

data "openai_chat_completions" "recent_completions" {
  limit = 5
  order = "desc"

  metadata = {
    category = "terraform_info"
  }
}

output "recent_completions_list" {
  value = data.openai_chat_completions.recent_completions.chat_completions
}

output "immediate_assistant_response" {
  value = openai_chat_completion.stored_completion.choices[0].message[0].content
}

output "token_usage" {
  value = openai_chat_completion.stored_completion.usage
}
