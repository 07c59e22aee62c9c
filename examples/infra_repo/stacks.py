"""Release notes, written by a model once a release, and kept by OpenAI in production."""

from dataclasses import dataclass

from cdktf import S3Backend, TerraformOutput, TerraformStack, TerraformVariable
from constructs import Construct

from openai_constructs import BasicChat, CompletionLookup, OpenaiProvider, StoredCompletion

STYLE = "You write release notes: one sentence, plain words, prices as $5 and never as ${price}."


@dataclass(frozen=True)
class Settings:
    """What differs between environments.

    Attributes:
        model: The model that writes.
        is_stored: Whether the account has the Chat Completions Store, so that notes are kept and read back.
    """

    model: str
    is_stored: bool


DEV = Settings(model="gpt-5.4-mini", is_stored=False)
PROD = Settings(model="gpt-6-luna", is_stored=True)


class ReleaseNotes(TerraformStack):
    def __init__(self, scope: Construct, id_: str, settings: Settings) -> None:
        super().__init__(scope, id_)
        S3Backend(
            self, bucket="example-terraform-state", key=f"release-notes/{id_}.tfstate", region="eu-west-1"
        )
        key = TerraformVariable(self, "openai_api_key", type="string", sensitive=True)
        release = TerraformVariable(self, "release", type="string", default="1.0")
        OpenaiProvider(self, "openai", api_key=key)

        prompt = f"Write the notes of release {release.string_value}."
        if not settings.is_stored:
            chat = BasicChat(self, "notes", model=settings.model, system=STYLE, prompt=prompt)
            TerraformOutput(self, "release_notes", value=chat.content)
            return
        kept = StoredCompletion(
            self,
            "notes",
            model=settings.model,
            system=STYLE,
            prompt=prompt,
            metadata={"environment": id_},
        )
        lookup = CompletionLookup(self, "kept_notes", completion=kept, enable_chat_completions_store=True)
        TerraformOutput(self, "release_notes", value=lookup.content)
