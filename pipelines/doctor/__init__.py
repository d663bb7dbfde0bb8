"""What a doctor asks of an installation from outside: is everything there, of the right version, and allowed to?

Nothing is changed. What may not enter: Dagster, bundles, rows.
"""

from pipelines.doctor.diagnosis import Diagnosis, State
from pipelines.doctor.examining import examine

__all__ = ["Diagnosis", "State", "examine"]
