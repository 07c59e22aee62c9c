"""The constructs, and what turns their arguments into Terraform JSON.

``constructs`` and the engine start Node as soon as they are imported, so what they need to find it is settled
here, before any module of this package imports them.
"""

import os
import sys

from openai_constructs.node import node_environment

if "jsii" not in sys.modules:
    os.environ.update(node_environment())
