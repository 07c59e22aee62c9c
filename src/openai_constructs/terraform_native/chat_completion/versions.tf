# The native provider of openai-constructs: `openai-constructs provider install` puts it where Terraform looks.

terraform {
  required_version = ">= 1.4.0"

  required_providers {
    openai = {
      source  = "terraform.local/openai-constructs/openai"
      version = ">= 0.1.0"
    }
  }
}
