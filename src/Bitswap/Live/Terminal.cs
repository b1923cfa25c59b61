using System.Management.Automation.Host;

namespace Bitswap.Live;

/// <summary>Whether a person looks on, and at what kind of screen.</summary>
internal static class Terminal
{
    private const int LeastWidth = 40;
    private const int LeastHeight = 6;

    /// <summary>Whether this process was started with -NonInteractive, or the shortest form of it that PowerShell takes.</summary>
    public static bool IsNonInteractive { get; } = Environment.GetCommandLineArgs().Skip(1).Any(IsNonInteractiveSwitch);

    /// <summary>The size of a terminal that takes sequences; null where there is none to draw on.</summary>
    public static (int Width, int Height)? SizeOf(PSHost? host)
    {
        if (host?.UI is not { SupportsVirtualTerminal: true } ui || Console.IsOutputRedirected || IsNonInteractive)
        {
            return null;
        }

        try
        {
            Size size = ui.RawUI.WindowSize;
            return size.Width >= LeastWidth && size.Height >= LeastHeight ? (size.Width, size.Height) : null;
        }
        catch (Exception exception) when (exception is HostException or NotImplementedException or NotSupportedException)
        {
            // a host that has no window
            return null;
        }
    }

    /// <summary>Whether an argument is the switch.</summary>
    public static bool IsNonInteractiveSwitch(string argument)
    {
        string name = argument.TrimStart('-', '/');
        return name.Length < argument.Length && name.Length >= 4 && "noninteractive".StartsWith(name, StringComparison.OrdinalIgnoreCase);
    }
}
