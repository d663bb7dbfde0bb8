"""The hub's own OpenAPI document, derived from the declarations: everything that it serves, not only the standard's.

    document    puts the parts together and serves them at /openapi.json
    operations  one per endpoint                records     what JSON a record is, by entity
    answers     headers and errors              values      what JSON a value is, by Kind
    asking      parameters and credentials      extensions  what the standard does not have
    names       what all of these are called

The standard's own documents are in `api.discovery`.
"""
