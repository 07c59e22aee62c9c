"""Synthesize stacks of this process into a folder, exactly as the app itself would.

The engine's own ``Testing.synth`` omits validations, references between stacks, and files. This synthesis
includes them, and its errors name the construct instead of showing JavaScript.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import jsii

from openai_constructs.cdk.engine import cdk
from openai_constructs.errors import SynthesisError
from openai_constructs.local.project import Annotation, Stack, stacks_in
from openai_constructs.testing.warning import warn_of

__all__ = ["CdkStack", "app_of", "synthesize"]

CdkStack = Any
"""A ``TerraformStack`` of the engine in use."""

# Text that the engine adds to its errors: irrelevant advice, and JavaScript stack traces.
_NOISE: Final = re.compile(
    r"^Error: |\nObject creation stack:.*|\n\s+at .*|\n\nIf you wish to ignore.*|\n\nEither fix the issues.*",
    re.DOTALL,
)


@jsii.implements(cdk.ISynthesisSession)
class _Session:
    """A synthesis session with an output folder other than the app's."""

    def __init__(self, out: Path, skip_validation: bool) -> None:
        self._skip_validation = skip_validation
        self._out = str(out)
        self._manifest = cdk.Manifest("testing", self._out, False)

    @property
    @jsii.member(jsii_name="outdir")
    def outdir(self) -> str:
        return self._out

    @property
    @jsii.member(jsii_name="manifest")
    def manifest(self) -> cdk.Manifest:
        return self._manifest

    @property
    @jsii.member(jsii_name="skipValidation")
    def skip_validation(self) -> bool:
        return self._skip_validation


def app_of(scope: Any) -> Any:
    """Return the app of a stack; an app is returned itself.

    Raises:
        SynthesisError: If it is neither a stack nor an app of the engine in use.
    """
    if isinstance(scope, cdk.App):
        return scope
    if isinstance(scope, cdk.TerraformStack) and isinstance(root := scope.node.root, cdk.App):
        return root
    raise SynthesisError(
        f"{type(scope).__module__}.{type(scope).__qualname__} is neither an app nor a stack in an "
        f"app of {cdk.__name__}, the engine in use. Pass an App, or a TerraformStack in one."
    )


def synthesize(
    app: Any, out: Path, *, only: CdkStack | None = None, skip_validation: bool = False
) -> list[Stack]:
    """Synthesize an app of this process: aspects, validations, assets and references between stacks.

    Warnings of constructs are issued as `OpenaiConstructsWarning`.

    Args:
        app: The app.
        out: An empty folder to write to.
        only: The only stack to return, without its dependencies; default: all stacks.
        skip_validation: Skip the validations of constructs.

    Returns:
        The stacks, each after its dependencies.

    Raises:
        SynthesisError: If a stack does not synthesize, or the app has none.
    """
    stacks = [it for it in app.node.find_all() if isinstance(it, cdk.TerraformStack)]
    if not stacks:
        raise SynthesisError("The app has no stack. Create one in it first.")
    for stack in stacks:  # this resolves references between stacks, which changes both
        _told(stack, stack.prepare_stack)
    session = _Session(out, skip_validation)
    for stack in stacks if only is None else [only]:
        _told(stack, lambda stack=stack: stack.synthesizer.synthesize(session))
    if only is None and (problems := app.node.validate()):
        raise SynthesisError("\n  ".join(["The app does not synthesize:", *problems]))
    if only is not None:
        made = session.manifest.for_stack(only)
        remarks = tuple(
            Annotation(it.construct_path, it.level.value.lower(), it.message) for it in made.annotations
        )
        written = [Stack(made.name, out / made.working_directory, annotations=remarks)]
    else:
        session.manifest.write_to_file()
        written = stacks_in(out)
    warn_of(written)
    return written


def _told(stack: CdkStack, step: Any) -> None:
    try:
        step()
    except RuntimeError as error:
        path, said = stack.node.path, _cleaned(str(error))
        if f"[{path}" not in said:
            path, said = next(_failing(stack), (path, said))
    else:
        return
    raise SynthesisError(f"{path} does not synthesize: {said}")


def _failing(stack: CdkStack) -> Iterator[tuple[str, str]]:
    """Yield the path of each element that does not synthesize, with the reason. The engine omits the path."""
    resolver: Any = cdk.DefaultTokenResolver(cdk.StringConcat())
    for element in stack.node.find_all():
        if isinstance(element, cdk.TerraformElement) and not isinstance(element, cdk.TerraformStack):
            try:
                cdk.Tokenization.resolve(element.to_terraform(), scope=element, resolver=resolver)
            except Exception as error:  # a user's element may raise anything
                yield element.node.path, _cleaned(str(error))


def _cleaned(said: str) -> str:
    return _NOISE.sub("", said).strip()
