"""Names bound and resolved across the files of a project, on demand."""

from lossadvisor.project.fragments import Fragment, NodePlace
from lossadvisor.project.index import Definition, ModuleIndex, Statement, build_index
from lossadvisor.project.project import Project

__all__ = ["Definition", "Fragment", "ModuleIndex", "NodePlace", "Project", "Statement", "build_index"]
