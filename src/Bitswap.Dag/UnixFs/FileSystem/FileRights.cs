namespace Bitswap.Dag.UnixFs.FileSystem;

/// <summary>Represents who besides this user may change or read what is at a path. Linux and macOS tell; on Windows, where a list of rights does, nothing is known here.</summary>
/// <param name="Owner">The number of the user whose it is.</param>
/// <param name="IsOwn">Whether that is this user.</param>
/// <param name="Mode">The POSIX permissions.</param>
public readonly record struct FileRights(uint Owner, bool IsOwn, UnixFileMode Mode)
{
    private const UnixFileMode AnyRead = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Gets whether the users of its group may write to it.</summary>
    public bool IsGroupWritable => Mode.HasFlag(UnixFileMode.GroupWrite);

    /// <summary>Gets whether every user may write to it.</summary>
    public bool IsWorldWritable => Mode.HasFlag(UnixFileMode.OtherWrite);

    /// <summary>Gets whether others than its owner may read it.</summary>
    public bool IsReadableByOthers => (Mode & AnyRead) != 0;

    /// <summary>Gets whether this user alone may write to it, but for the administrator.</summary>
    public bool IsPrivate => IsOwn && !IsGroupWritable && !IsWorldWritable;

    /// <summary>Returns the rights to what is at a path; null where there is nothing, and where the system does not tell.</summary>
    /// <param name="path">A full path.</param>
    /// <param name="follow">Whether a symbolic link is followed.</param>
    public static FileRights? Of(string path, bool follow)
    {
        ArgumentNullException.ThrowIfNull(path);
        return FileFacts.Read(path, follow) is { Owner: { } owner, Mode: { } mode } ? new FileRights(owner, owner == NativeFiles.User, (UnixFileMode)mode) : null;
    }
}
