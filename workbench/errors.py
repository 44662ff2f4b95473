"""The base of every error that a user can mend."""


class WorkbenchError(Exception):
    """Something the user can put right.

    ``str(error)`` is one sentence for the user: it names the field or file, says what is wrong
    and what to do. Technical detail belongs in ``__cause__`` and the log.
    """


class FileError(WorkbenchError):
    """A file or folder cannot be read or written."""


class DataError(WorkbenchError):
    """A dataset is missing, damaged or does not fit."""


class DataMissing(DataError):
    """A dataset is not on this computer, and getting it was not asked for."""


class CheckpointError(WorkbenchError):
    """A checkpoint is damaged, unsafe, or does not fit what it is used for."""


class DeviceError(WorkbenchError):
    """The asked device is not there."""
