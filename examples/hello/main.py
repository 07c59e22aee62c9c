from cdktf import App, TerraformOutput, TerraformStack

from openai_constructs import BasicChat, OpenaiProvider

app = App()
stack = TerraformStack(app, "hello")
OpenaiProvider(stack, "openai")
chat = BasicChat(stack, "hello", model="gpt-6-luna", prompt="Say hello to Terraform.")
TerraformOutput(stack, "answer", value=chat.content)
app.synth()
