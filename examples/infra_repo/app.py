"""The app: one stack for each environment."""

from cdktf import App
from stacks import DEV, PROD, ReleaseNotes


def build(app: App) -> None:
    ReleaseNotes(app, "dev", DEV)
    ReleaseNotes(app, "prod", PROD)


if __name__ == "__main__":
    app = App()
    build(app)
    app.synth()
