"""Where upper apps take part in a step's transaction."""

from __future__ import annotations

from ris.core.actors import Actor
from ris.core.hooks import Hook
from ris.scheduling.models import ScheduledProcedureStep

# step_completed(step, by): the reading task is made or completed in the same transaction.
step_completed: Hook[[ScheduledProcedureStep, Actor]] = Hook()
# step_starting(step, by): before a step starts; a listener may refuse what a person begins.
step_starting: Hook[[ScheduledProcedureStep, Actor]] = Hook()
