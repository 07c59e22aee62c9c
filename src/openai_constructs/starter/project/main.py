"""The app: one stack, which asks one question and shows the answer."""

from cdktf import App, LocalBackend, TerraformOutput, TerraformStack
from constructs import Construct

from openai_constructs import BasicChat, OpenaiProvider


class Greeting(TerraformStack):
    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        LocalBackend(self, path="terraform.tfstate")
        OpenaiProvider(self, "openai")
        chat = BasicChat(
            self,
            "hello",
            model="gpt-6-luna",
            system="You answer in one sentence.",
            prompt="Say hello to Terraform.",
        )
        TerraformOutput(self, "answer", value=chat.content)


if __name__ == "__main__":
    app = App()
    Greeting(app, "greeting")
    app.synth()
