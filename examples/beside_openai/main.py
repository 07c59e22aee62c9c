"""Two providers in one stack: project and limits by OpenAI's own, prompts by ours.

OpenAI's provider ``openai/openai`` takes the local name ``openai``, so ours gets another one. Its resources
are written without generated classes here; ``cdktf get`` makes such classes. Their arguments were not
checked against its schema: see its documentation.
"""

from cdktf import App, TerraformOutput, TerraformProvider, TerraformResource, TerraformStack

from openai_constructs import BasicChat, OpenaiProvider

LIMITS = {
    "openai_project_spend_limit": {"amount_usd": 50},
    "openai_project_rate_limit": {"model": "gpt-6-luna", "max_requests_per_minute": 60},
}

app = App()
stack = TerraformStack(app, "beside_openai")

administration = TerraformProvider(
    stack,
    "administration",
    terraform_resource_type="openai",
    terraform_provider_source="openai/openai",
    terraform_generator_metadata={"provider_name": "openai", "provider_version": "~> 1.1"},
)
project = TerraformResource(
    stack, "prompts", terraform_resource_type="openai_project", provider=administration
)
project.add_override("name", "prompts")
for kind, arguments in LIMITS.items():
    limit = TerraformResource(stack, kind, terraform_resource_type=kind, provider=administration)
    limit.add_override("project_id", f"${{{project.fqn}.id}}")
    for name, value in arguments.items():
        limit.add_override(name, value)

OpenaiProvider(stack, "chat", native=True, local_name="openai-chat")
chat = BasicChat(stack, "hello", model="gpt-6-luna", prompt="Say hello.", depends_on=[project])
TerraformOutput(stack, "answer", value=chat.content)
app.synth()
