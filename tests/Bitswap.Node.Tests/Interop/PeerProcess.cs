using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Interop;

/// <summary>A peer in a process of its own that talks JSON lines on standard output and ends when its standard input does.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(180);
    private readonly Process _process;
    private readonly Task<string> _errors;

    private PeerProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Its standard input.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    public static PeerProcess Start(string program, IEnumerable<string> arguments) => new(
        Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);

    /// <summary>Starts the console peer of tests/Bitswap.Peer.</summary>
    public static PeerProcess StartConsolePeer(params string[] arguments) => StartConsole("Bitswap.Peer", arguments);

    /// <summary>Starts one of the consoles of tests.</summary>
    public static PeerProcess StartConsole(string name, params string[] arguments)
    {
        // the same configuration as these tests, which may run from a copy elsewhere
        string configuration = typeof(PeerProcess).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        string program = Path.Combine(SharedData.RepositoryRoot, "tests", name, "bin", configuration, "net10.0", $"{name}.dll");
        return Start("dotnet", [program, .. arguments]);
    }

    /// <summary>The next line, as JSON.</summary>
    public async Task<JsonElement> ReadAsync()
    {
        string? line = await _process.StandardOutput.ReadLineAsync().WaitAsync(_patience);
        return line is null
            ? throw new InvalidOperationException($"The peer ended without a word: {await _errors}")
            : JsonDocument.Parse(line).RootElement;
    }

    /// <summary>The address a provider announces on its first line.</summary>
    public async Task<Multiaddr> AddressAsync() => Multiaddr.Parse((await ReadAsync()).GetProperty("addr").GetString()!);

    /// <summary>Its exit code, once it has ended by itself.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(_patience);
        return _process.ExitCode;
    }

    /// <summary>Closes its standard input, and gives what it says last.</summary>
    public async Task<JsonElement> EndAsync()
    {
        _process.StandardInput.Close();
        return await ReadAsync();
    }

    /// <summary>Ends it at once, as a crash does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(_patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }
}
