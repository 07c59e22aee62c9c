"""The API's error objects: ``{"error": {"message", "type", "param", "code"}}``, always with all four keys.

Source: the API reference's ``ErrorResponse``; codes and messages as observed from the service.
"""

from __future__ import annotations

from typing import Any, Final

__all__ = [
    "ApiError",
    "invalid_type",
    "method_not_allowed",
    "no_api_key",
    "not_found",
    "of_status",
    "unknown_model",
    "unknown_url",
]

INVALID_REQUEST: Final = "invalid_request_error"

# status -> (message, type, code): defaults of an injected fault.
_BY_STATUS: Final[dict[int, tuple[str, str, str | None]]] = {
    400: ("The request was refused by a scripted fault.", INVALID_REQUEST, None),
    401: ("Incorrect API key provided.", INVALID_REQUEST, "invalid_api_key"),
    403: ("You are not allowed to do this.", INVALID_REQUEST, None),
    404: ("The requested resource was not found.", INVALID_REQUEST, None),
    429: ("Rate limit reached. Please try again later.", "rate_limit_error", "rate_limit_exceeded"),
    500: ("The server had an error while processing your request. Sorry about that!", "server_error", None),
    503: (
        "The server is overloaded at the moment. Please try again later.",
        "service_unavailable_error",
        "server_is_overloaded",
    ),
}


class ApiError(Exception):
    """An error response of the API.

    Attributes:
        status: HTTP status, 400 to 599.
        message: Message, in the API's wording.
        type: The API's error type.
        param: The invalid parameter, such as ``messages[0].role``, if there is one.
        code: The API's error code, if there is one.
        headers: Additional headers of the response.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        type: str = INVALID_REQUEST,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type
        self.param = param
        self.code = code
        self.headers = headers

    def body(self) -> dict[str, Any]:
        """The JSON body of the response."""
        error = {"message": self.message, "type": self.type, "param": self.param, "code": self.code}
        return {"error": error}


def of_status(
    status: int,
    *,
    message: str | None = None,
    code: str | None = None,
    type: str | None = None,
    param: str | None = None,
    retry_after: int | None = None,
) -> ApiError:
    """Return the API's error for a status. Arguments override its default texts.

    Args:
        status: HTTP status, 400 to 599.
        message: Message.
        code: Code.
        type: Type.
        param: The invalid parameter.
        retry_after: Whole seconds of the header ``Retry-After``; default: no header.
    """
    family = status if status in _BY_STATUS else 500 if status >= 500 else 400
    usual_message, usual_type, usual_code = _BY_STATUS[family]
    headers = ((b"retry-after", str(retry_after).encode()),) if retry_after is not None else ()
    return ApiError(
        status,
        message or usual_message,
        type=type or usual_type,
        param=param,
        code=code or usual_code,
        headers=headers,
    )


def no_api_key() -> ApiError:
    """Return the error for a missing or blank key in the ``Authorization`` header."""
    return ApiError(
        401,
        "You didn't provide an API key. Send it as a bearer token in the Authorization header.",
    )


def unknown_url(method: str, path: str) -> ApiError:
    """Return the error for an unknown path."""
    return ApiError(404, f"Invalid URL ({method} {path})")


def method_not_allowed(allowed: tuple[str, ...]) -> ApiError:
    """Return the error for a method that the endpoint does not support."""
    return ApiError(
        405,
        f"Only {' and '.join(allowed)} requests are accepted.",
        code="method_not_supported",
        headers=((b"allow", ", ".join(allowed).encode()),),
    )


def not_found(completion_id: str) -> ApiError:
    """Return the error for a stored completion, or a message of one, that does not exist.

    The service's own words are not documented. Clients look for "not found" in them.
    """
    return ApiError(404, f"Chat completion with id '{completion_id}' not found.")


def unknown_model(model_id: str) -> ApiError:
    """Return the error for a model that does not exist."""
    return ApiError(
        404,
        f"The model `{model_id}` does not exist or you do not have access to it.",
        code="model_not_found",
    )


def invalid_type(param: str, expected: str, given: object) -> ApiError:
    """Return the error for a value of the wrong JSON type."""
    return ApiError(
        400,
        f"Invalid type for '{param}': expected {expected}, but got {_named(given)} instead.",
        param=param,
        code="invalid_type",
    )


def _named(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case float():
            return "a decimal"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "an object"
