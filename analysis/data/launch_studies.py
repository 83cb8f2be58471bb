"""The studies that a launch file names, and the parameters that it sets for them."""

import yaml

from .errors import named, quoted, suggest
from .launch_fields import LaunchFields, fail
from .launch_yaml import plain_value

# Of parameters that several notebooks have; which each of them has, its first cell says.
LEAST_OF_PARAMETER = {"seed": 0, "draws": 100, "delay_weeks": 1, "workers": 1}


def read_studies(fields: LaunchFields, known: list[str]) -> tuple[str, ...]:
    """Return the studies that a launch file names.

    Parameters
    ----------
    fields : LaunchFields
        The fields of the file.
    known : list of str
        The studies that there are.

    Raises
    ------
    DataError
        If they are no list on one line. One that is not there is noted in `fields.problems`.
    """
    node = fields.nodes.get("studies")
    if node is None:  # missing, which was noted
        return ()
    is_filled_list = isinstance(node, yaml.SequenceNode) and node.value
    if not is_filled_list or node.start_mark.line != node.end_mark.line:
        expected = f"expected a list on one line, such as [{', '.join(known)}]"
        fail(node, fields.name, f"studies: {expected}")
    studies = []
    for study_node in node.value:
        with fields.problems.noted():
            study = plain_value(study_node, fields.name, "studies")
            if study not in known:
                fail(study_node, fields.name, f"studies has {quoted(study)}{suggest(study, known)}")
            if study in studies:
                fail(study_node, fields.name, f"studies has {quoted(study)} twice")
            studies.append(study)
    return tuple(studies)


def read_parameters(fields: LaunchFields, known: list[str]) -> dict[str, dict]:
    """Return the parameters that a launch file sets, by study.

    `launch` is none of them, so that no page shows another launch's figures under its own name.
    Whether a notebook has a parameter, and of which type, the runner of reports checks.

    Parameters
    ----------
    fields : LaunchFields
        The fields of the file.
    known : list of str
        The studies that there are.

    Raises
    ------
    DataError
        If they are no block. What is no single value by study and name, and a study that is not
        there, is noted in `fields.problems`.
    """
    node = fields.nodes.get("parameters")
    if node is None:
        return {}
    expected = "expected a study with its parameters, such as {capacity: {seed: 2}}"
    if not isinstance(node, yaml.MappingNode):
        fail(node, fields.name, f"parameters: {expected}")
    parameters = {}
    for key, values in node.value:
        with fields.problems.noted():
            study = plain_value(key, fields.name, "parameters")
            if study not in known:
                fail(key, fields.name, f"parameters has {quoted(study)}{suggest(study, known)}")
            if study in parameters:
                fail(key, fields.name, f"parameters.{study} stands twice")
            if not isinstance(values, yaml.MappingNode):
                fail(values, fields.name, f"parameters.{study}: {expected}")
            parameters[study] = _read_parameters_of_study(fields, study, values)
    return parameters


def _read_parameters_of_study(fields: LaunchFields, study: str, values: yaml.MappingNode) -> dict:
    """Read the parameters of one study, by their names."""
    name = fields.name
    parameters = {}
    for key, value in values.value:
        with fields.problems.noted():
            parameter = plain_value(key, name, f"parameters.{study}")
            if not isinstance(parameter, str):
                fail(key, name, f"parameters.{study} has {parameter}; expected a name, as seed")
            path = f"parameters.{study}.{named(parameter)}"
            if parameter == "launch":
                fail(
                    key,
                    name,
                    f"{path}; expected no such parameter, "
                    "as a report is of the launch that its file is named for",
                )
            if parameter in parameters:
                fail(key, name, f"{path} stands twice")
            setting = plain_value(value, name, path)
            least = LEAST_OF_PARAMETER.get(parameter)
            if least is not None and isinstance(setting, int | float) and setting < least:
                fail(value, name, f"{path} = {setting}; expected a whole number from {least}")
            parameters[parameter] = setting
    return parameters
