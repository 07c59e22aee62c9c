"""The constructs, and the conversion of their arguments to Terraform JSON.

Importing ``constructs`` or the engine starts Node. So this module locates Node before any other module of the
package imports them.
"""

import os
import sys

from openai_constructs.node import node_environment

if "jsii" not in sys.modules:
    os.environ.update(node_environment())
