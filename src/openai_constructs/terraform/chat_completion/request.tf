# Made from the table in schema.py by `make generate`. Edit the table, not this file.

# The provider plans an edit of a prompt or of the temperature as an update in place, and then refuses to make
# it. A digest of the request, kept beside the completion, turns every edit into a replacement.
#
# Metadata is left out: it labels a stored completion and is no part of the request to the model, and the
# provider itself replaces when it changes. So is imported, which only says where the completion came from.

resource "terraform_data" "request" {
  input = sha256(jsonencode({
    model             = var.model
    messages          = var.messages
    functions         = var.functions
    function_call     = var.function_call
    temperature       = var.temperature
    top_p             = var.top_p
    n                 = var.n
    stream            = var.stream
    stop              = var.stop
    max_tokens        = var.max_tokens
    presence_penalty  = var.presence_penalty
    frequency_penalty = var.frequency_penalty
    logit_bias        = var.logit_bias
    user              = var.user
    store             = var.store
  }))
}
