from collections.abc import Iterator

import pytest
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory, TimeoutError, TimeoutType

from domain import errors
from domain.errors import Conflict, DomainError, InvalidInput, NotFound, StaleVersion, Unavailable
from server.temporal.errors import application_error, refusals, sentence


def every_error(kind: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    yield kind
    for below in kind.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from every_error(below)


@pytest.mark.parametrize("kind", list(every_error()))
def test_only_what_another_attempt_may_mend_is_retried(kind: type[DomainError]) -> None:
    translated = application_error(kind("Because."))

    assert translated.non_retryable is (kind not in {StaleVersion, Unavailable})
    assert translated.type == kind.default_code


def test_a_refusal_keeps_its_code_its_sentence_its_field_and_its_details() -> None:
    refusal = InvalidInput("No rate for cinema.", code="no_benchmark", field="channel", known=["search"])

    with pytest.raises(ApplicationError) as raised, refusals():
        raise refusal

    assert raised.value.message == "No rate for cinema."
    assert raised.value.type == "no_benchmark"
    assert raised.value.details == ({"field": "channel", "known": ["search"]},)
    assert raised.value.__cause__ is refusal


def test_a_refusal_is_no_incident_and_an_outage_is() -> None:
    assert application_error(Conflict("Changed.")).category is ApplicationErrorCategory.BENIGN
    assert application_error(Unavailable("Away.")).category is ApplicationErrorCategory.UNSPECIFIED


def test_what_is_not_a_domain_error_passes_untouched() -> None:
    with pytest.raises(KeyError), refusals():
        raise KeyError("oops")


def test_a_person_reads_the_sentence_of_a_refusal() -> None:
    assert sentence(application_error(NotFound("There is no such campaign."))) == "There is no such campaign."


def test_a_person_reads_nothing_of_an_unexpected_error() -> None:
    told = sentence(ApplicationError("password=hunter2", type="RuntimeError"))

    assert told == "One of its steps failed unexpectedly."
    assert sentence(None) == told


def test_a_person_reads_that_a_step_took_too_long() -> None:
    late = TimeoutError("activity Heartbeat timeout", type=TimeoutType.HEARTBEAT, last_heartbeat_details=[])

    assert sentence(late) == "One of its steps took too long."
