"""What travels between the steps of a job: plain values. Histories keep them for days, so a field may be added with a
default, and none renamed or removed."""

from pydantic import BaseModel, ConfigDict

from domain.ids import CampaignId, JobId


class Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class JobTask(Value):
    """What a workflow is asked to do. Identity is the actor's."""

    job_id: JobId
    campaign_id: CampaignId
