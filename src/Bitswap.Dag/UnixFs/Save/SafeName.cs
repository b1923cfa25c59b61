using System.Collections.Frozen;
using System.Text;

namespace Bitswap.Dag.UnixFs.Save;

/// <summary>
/// Says which names and link targets out of a graph may be used on a disk. A name that another machine chose must stay one name in one folder:
/// it can say nothing of a parent, a drive, a device or a stream.
/// </summary>
public static class SafeName
{
    /// <summary>The longest name in UTF-8 bytes that common file systems hold (NAME_MAX of Linux and macOS; NTFS: 255 UTF-16 units).</summary>
    public const int MaxBytes = 255;

    // learn.microsoft.com/windows/win32/fileio/naming-a-file, "Naming Conventions"; superscript digits count as digits there
    private static readonly FrozenSet<string> _reserved = new[]
    {
        "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$",
        "COM0", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9", "COM¹", "COM²", "COM³",
        "LPT0", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9", "LPT¹", "LPT²", "LPT³",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns why a name may not become a file name, or null when it may.</summary>
    /// <param name="name">A name in a directory.</param>
    /// <param name="rules">Which names may.</param>
    public static string? Refuse(string name, NameRules rules)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length == 0)
        {
            return "it is empty";
        }

        if (name is "." or "..")
        {
            return "it means a folder above or the folder itself";
        }

        if (name.Contains('/', StringComparison.Ordinal))
        {
            return "it has a slash in it";
        }

        if (name.Contains('\0', StringComparison.Ordinal))
        {
            return "it has a NUL in it";
        }

        if (Encoding.UTF8.GetByteCount(name) > MaxBytes)
        {
            return $"it is longer than {MaxBytes} bytes";
        }

        return rules == NameRules.System && !OperatingSystem.IsWindows() ? null : RefuseOnWindows(name);
    }

    /// <summary>Returns why a symlink may not be made, or null when it stays within the folder that is saved.</summary>
    /// <param name="target">Where it leads, as it is written in the graph.</param>
    /// <param name="depth">How many folders below the saved folder the link is in.</param>
    /// <param name="rules">Which names may.</param>
    /// <remarks>
    /// <c>..</c> is taken only at the start, where the folder above is known. After a name it would be the folder above whatever that name is a
    /// link to, and two links that each stay within could lead out together.
    /// </remarks>
    public static string? RefuseTarget(string target, int depth, NameRules rules)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (target.Length == 0)
        {
            return "it leads nowhere";
        }

        if (target[0] == '/')
        {
            return "it is absolute";
        }

        bool named = false;
        foreach (string part in target.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (part)
            {
                case ".":
                    break;
                case ".." when named:
                    return "it goes up again after a name";
                case "..":
                    if (--depth < 0)
                    {
                        return "it leads out of the folder";
                    }

                    break;
                default:
                    named = true;
                    if (Refuse(part, rules) is { } reason)
                    {
                        return $"of its part '{part}', {reason}";
                    }

                    break;
            }
        }

        return null;
    }

    private static string? RefuseOnWindows(string name)
    {
        foreach (char c in name)
        {
            switch (c)
            {
                case '\\':
                    return "it has a backslash in it, which separates names on Windows";
                case ':':
                    return "it has a colon in it, which means a drive or a stream on Windows";
                case '<' or '>' or '"' or '|' or '?' or '*' or < ' ':
                    return $"it has a character in it (U+{(int)c:X4}) that Windows does not take";
            }
        }

        if (name[^1] is '.' or ' ')
        {
            return "it ends with a dot or a space, which Windows drops";
        }

        // a device whatever follows the first dot, and with spaces before it
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        string stem = (dot < 0 ? name : name[..dot]).TrimEnd(' ');
        return _reserved.Contains(stem) ? $"'{stem}' is a device on Windows" : null;
    }
}

/// <summary>Specifies which names of a directory may become file names.</summary>
public enum NameRules
{
    /// <summary>Those that every system holds: what is saved can go on to any other machine.</summary>
    Portable = 0,

    /// <summary>Those that this system holds.</summary>
    System = 1,
}
