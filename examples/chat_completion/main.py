"""The four ways to ask, and the three ways to look up: one stack, synthesized to Terraform JSON.

Run it with ``python main.py`` or ``cdktf synth``. The data sources are behind the variable
``enable_chat_completions_store``: ``terraform apply -var enable_chat_completions_store=true`` reads them.

Synthesis warns of the models: the example keeps those that it was specified with, of which OpenAI has shut
down gpt-3.5-turbo and gpt-4 on 2026-10-23, and shuts down gpt-4o on 2027-01-14. In a new program use
gpt-6-luna, without ``temperature`` and ``max_tokens``, which a reasoning model refuses.
"""

from cdktf import App, LocalBackend, TerraformOutput, TerraformStack, TerraformVariable
from constructs import Construct

from openai_constructs import (
    BasicChat,
    CompletionLookup,
    CompletionsQuery,
    Function,
    FunctionCallingChat,
    Message,
    MessagesQuery,
    MultiTurnChat,
    OpenaiProvider,
    StoredCompletion,
)

SEARCH_FLIGHTS = Function(
    name="search_flights",
    description="Search for available flights between two locations",
    parameters={
        "type": "object",
        "properties": {
            "departure_city": {"type": "string", "description": "The city to depart from"},
            "arrival_city": {"type": "string", "description": "The city to fly to"},
            "departure_date": {"type": "string", "description": "The day of the flight, as YYYY-MM-DD"},
            "return_date": {"type": "string", "description": "The day of the flight back, as YYYY-MM-DD"},
            "num_passengers": {"type": "integer", "description": "How many people fly"},
            "class": {"type": "string", "enum": ["economy", "premium_economy", "business", "first"]},
        },
        "required": ["departure_city", "arrival_city", "departure_date", "num_passengers"],
    },
)


class ChatCompletionStack(TerraformStack):
    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        LocalBackend(self, path="terraform.tfstate")
        OpenaiProvider(self, "openai")
        store_enabled = TerraformVariable(
            self,
            "enable_chat_completions_store",
            type="bool",
            default=False,
            description="Whether the account has the Chat Completions Store.",
        )

        BasicChat(
            self,
            "basic_chat",
            model="gpt-3.5-turbo",
            system="You are a helpful assistant specialized in explaining complex topics in simple terms.",
            prompt="Explain the concept of quantum computing to me like I'm 10 years old.",
            temperature=0.7,
            max_tokens=300,
        )

        MultiTurnChat(
            self,
            "multi_turn_chat",
            model="gpt-4",
            messages=[
                Message.system("You are an expert on climate change who provides educational information."),
                Message.user("What is climate change?"),
                Message.assistant(
                    "Climate change refers to long-term shifts in temperatures and weather patterns..."
                ),
                Message.user("What can I do to help reduce climate change?"),
            ],
            temperature=0.6,
            max_tokens=500,
        )

        FunctionCallingChat(
            self,
            "function_calling_chat",
            model="gpt-4",
            system="You are an assistant that helps people book flight tickets.",
            prompt="I want to book a flight from New York to London next week.",
            functions=[SEARCH_FLIGHTS],
            function_call="auto",
            temperature=0.2,
        )

        stored = StoredCompletion(
            self,
            "stored_completion",
            model="gpt-4o",
            system="You are a helpful assistant.",
            prompt="What are the top 3 benefits of using Terraform?",
            metadata={"category": "terraform_info", "user_id": "example_user"},
        )

        lookup = CompletionLookup(
            self,
            "retrieved_completion",
            completion=stored,
            enable_chat_completions_store=store_enabled,
            messages=MessagesQuery(name="completion_messages", limit=10, order="asc"),
            recent=CompletionsQuery(
                name="recent_completions", limit=5, order="desc", metadata={"category": "terraform_info"}
            ),
        )

        TerraformOutput(self, "retrieved_assistant_response", value=lookup.content)
        TerraformOutput(self, "retrieved_messages", value=lookup.messages)
        TerraformOutput(self, "recent_completions_list", value=lookup.recent)
        TerraformOutput(self, "immediate_assistant_response", value=stored.choices[0].message[0].content)
        TerraformOutput(self, "token_usage", value=stored.usage)


if __name__ == "__main__":
    app = App()
    ChatCompletionStack(app, "chat_completion")
    app.synth()
