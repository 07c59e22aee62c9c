# mkdev-me/openai: on every 2.x release the resource openai_chat_completion fails before its first request.

terraform {
  required_version = ">= 1.4.0"

  required_providers {
    openai = {
      source  = "mkdev-me/openai"
      version = ">= 1.1.0, < 2.0.0"
    }
  }
}
