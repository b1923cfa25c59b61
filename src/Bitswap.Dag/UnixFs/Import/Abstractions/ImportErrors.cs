using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.UnixFs.Import.Abstractions;

/// <summary>Makes the errors of an import, each of which names its file.</summary>
internal static class ImportErrors
{
    public static DagException Changed(string path, string how) =>
        new(DagErrorIds.FileChanged, $"'{path}' changed while it was read: {how}.") { Path = path };

    public static DagException Vanished(string path, Exception? error = null) =>
        new(DagErrorIds.FileChanged, $"'{path}' vanished before it was read to its end.", error) { Path = path };

    public static DagException Unreadable(string path, Exception error) =>
        new(DagErrorIds.FileUnreadable, $"'{path}' cannot be read: {error.Message}", error) { Path = path };

    public static DagException NotFound(string path) => new(DagErrorIds.PathNotFound, $"There is no file or folder '{path}'.") { Path = path };

    public static DagException Special(string path) =>
        new(DagErrorIds.NotAFile, $"'{path}' is a pipe, a socket or a device, which has no content to add.") { Path = path };

    public static DagException OthersSkipped(string folder, long count) =>
        new(DagErrorIds.NotAFile, $"'{folder}' has {count} more entries without content, which are left out like those that are named.") { Path = folder };

    public static DagException TooDeep(string path, int limit) =>
        new(DagErrorIds.DagLimitExceeded, $"'{path}' is more than {limit} folders deep.") { Path = path };

    public static DagException Duplicate(string path, string name) =>
        new(DagErrorIds.DuplicateName, $"'{path}' cannot be added: the folder would hold two entries with the name '{name}'.") { Path = path };

    public static DagException BadName(string path) =>
        new(DagErrorIds.UnsafeName, $"'{path}' has a name that cannot be kept: it is no Unicode text, empty, or no single name.") { Path = path };

    public static DagException Dangling(string path) =>
        new(DagErrorIds.FileUnreadable, $"'{path}' is a symbolic link that leads to nothing.") { Path = path };

    public static DagException Loop(string path, string realPath) =>
        new(DagErrorIds.DagLimitExceeded, $"'{path}' is a symbolic link that leads to a folder it is in, '{realPath}'.") { Path = path };
}
