"""The import contract of blinding: modules whose name begins with one of `doors` import nothing below `knowing`.

import-linter's own contracts name modules that must exist; this one holds for reading modules that appear later.
"""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class ReaderFacingContract(Contract):
    """Forbid reader-facing modules every direct import of what knows origin, apart from `allowed`."""

    type_name = "reader_facing"

    doors = fields.ListField(subfield=fields.StringField())
    knowing = fields.ListField(subfield=fields.StringField())
    allowed = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        broken = [
            (module, imported)
            for module in sorted(graph.modules)
            if module.startswith(tuple(self.doors))  # type: ignore[arg-type]
            for imported in sorted(graph.find_modules_directly_imported_by(module))
            if self._knows(imported)
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def _knows(self, module: str) -> bool:
        if module in self.allowed:  # type: ignore[operator]
            return False
        return any(module == top or module.startswith(f"{top}.") for top in self.knowing)  # type: ignore[attr-defined]

    def render_broken_contract(self, check: ContractCheck) -> None:
        broken: list[tuple[str, str]] = check.metadata["broken"]
        for module, imported in broken:
            output.print_error(f"{module} imports {imported}: readers reach it, and it knows what is blinded.")
