"""validate_requests.py FILE: has botocore's models of AWS check requests: a list of [service id, operation, input]. Prints what is
wrong as JSON."""

import json
import sys

import botocore.session
from botocore.validate import ParamValidator

session = botocore.session.get_session()
by_id = {}
for name in session.get_available_services():
    if name in ("iam", "redshift", "redshift-data", "redshift-serverless", "s3", "secretsmanager", "sts"):
        model = session.get_service_model(name)
        by_id[model.service_id] = model


def given(value):
    """Only what was given: JavaScript leaves out what is undefined."""
    if isinstance(value, dict):
        return {key: given(item) for key, item in value.items()}
    return [given(item) for item in value] if isinstance(value, list) else value


wrong = set()
for service, operation, request in json.load(open(sys.argv[1], encoding="utf-8")):
    shape = by_id[service].operation_model(operation).input_shape
    if shape is None:
        continue
    report = ParamValidator().validate(given(request), shape)
    if report.has_errors():
        wrong.add(f"{service} {operation}: {report.generate_report()}")
print(json.dumps(sorted(wrong)))
