using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Building;

namespace Bitswap.Dag.UnixFs.Import.Files;

/// <summary>Tells what the options of an import make of what the file system says.</summary>
internal static class PathFacts
{
    private const char ReplacementCharacter = '\ufffd';

    public static EnumerationOptions EveryEntry { get; } = new()
    {
        AttributesToSkip = FileAttributes.None,
        IgnoreInaccessible = false,
        MatchType = MatchType.Simple,
        ReturnSpecialDirectories = false,
    };

    /// <summary>Returns whether there is anything at a path.</summary>
    /// <exception cref="DagException">FileUnreadable: nothing may be asked of it.</exception>
    public static bool Exists(string path) => Try(path, follow: false) is not null;

    /// <summary>Returns the facts of an entry that a folder is known to have; those of a link itself where it would be followed and leads nowhere.</summary>
    /// <exception cref="DagException">FileChanged: it is gone. FileUnreadable: nothing may be asked of it. UnsafeName: its name is no Unicode text.</exception>
    public static FileFacts Read(UnixFsImportOptions options, string path)
    {
        if (Try(path, follow: false) is not { } facts)
        {
            // .NET puts this character where a name has bytes that are no text, and the file is not found under that name
            throw path.Contains(ReplacementCharacter, StringComparison.Ordinal) ? ImportErrors.BadName(path) : ImportErrors.Vanished(path);
        }

        return facts.Kind == FileKind.Symlink && options.Symlinks == SymlinkRule.Follow
            ? Try(path, follow: true) ?? facts
            : facts;
    }

    public static EntryAttributes AttributesOf(UnixFsImportOptions options, FileFacts facts) => new(
        options.PreserveMode && facts.Kind != FileKind.Symlink ? facts.Mode : null,
        options.PreserveTime ? facts.Modified : null);

    public static bool IsHidden(string path) =>
        Path.GetFileName(path.AsSpan()).StartsWith(".") || (OperatingSystem.IsWindows() && (File.GetAttributes(path) & FileAttributes.Hidden) != 0);

    private static FileFacts? Try(string path, bool follow)
    {
        try
        {
            return FileFacts.Read(path, follow);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw ImportErrors.Unreadable(path, error);
        }
    }
}
