# Made from the table in schema.py by `make generate`. Edit the table, not this file.

output "completion" {
  description = "The whole resource, request and answer."

  value = merge(openai_chat_completion.this, {
    # The provider reads a null text of a block back as an empty one; an output must not change by that.
    messages = [
      for message in openai_chat_completion.this.messages :
      merge(message, { name = message.name == null ? "" : message.name })
    ]

    functions = [
      for function in openai_chat_completion.this.functions :
      merge(function, { description = function.description == null ? "" : function.description })
    ]
  })
}

output "id" {
  description = "Id of the completion, as the API gave it."
  value       = openai_chat_completion.this.id
}

output "created" {
  description = "Time of the answer, in seconds since 1970-01-01 UTC."
  value       = openai_chat_completion.this.created
}

output "model" {
  description = "The model that was requested."
  value       = openai_chat_completion.this.model
}

output "choices" {
  description = "Every answer, with its index and the reason it ended."
  value       = openai_chat_completion.this.choices
}

output "usage" {
  description = "Tokens spent: prompt_tokens, completion_tokens and total_tokens."
  value       = openai_chat_completion.this.usage
}

output "content" {
  description = "Text of the first answer; empty if there is none."
  value       = try(openai_chat_completion.this.choices[0].message[0].content, "")
}

output "function_call" {
  description = "The call in the first answer, as a list of at most one name and arguments."
  value       = try(openai_chat_completion.this.choices[0].message[0].function_call, [])
}

output "finish_reason" {
  description = "Why the first answer ended: stop, length, function_call or content_filter."
  value       = try(openai_chat_completion.this.choices[0].finish_reason, null)
}

output "function_name" {
  description = "Name of the function the first answer calls; null if it calls none."
  value       = try(openai_chat_completion.this.choices[0].message[0].function_call[0].name, null)
}

output "function_arguments" {
  description = "Arguments of that call, as the JSON text the model wrote; null if it calls none."
  value       = try(openai_chat_completion.this.choices[0].message[0].function_call[0].arguments, null)
}
