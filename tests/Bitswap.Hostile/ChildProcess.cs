using System.Diagnostics;
using System.Text.Json;
using Bitswap.Hostile.LongForms;

namespace Bitswap.Hostile;

/// <summary>This program in another process, until its standard input is closed.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    /// <summary>The line it said when it was ready.</summary>
    public required string Ready { get; init; }

    /// <summary>The time it has had of all cores.</summary>
    public TimeSpan Cpu => Refreshed().TotalProcessorTime;

    /// <summary>The memory it holds, in bytes.</summary>
    public long Memory => Refreshed().WorkingSet64;

    public static async Task<ChildProcess> StartAsync(params string[] arguments)
    {
        Process process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. OwnAssembly(), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        return new ChildProcess(process) { Ready = await ReadLineAsync(process) };
    }

    /// <summary>What a node in it holds now.</summary>
    public async Task<MemoryReport> ReportAsync()
    {
        await _process.StandardInput.WriteLineAsync("report");
        return JsonSerializer.Deserialize<MemoryReport>(await ReadLineAsync())!;
    }

    /// <summary>The next line that it says.</summary>
    public Task<string> ReadLineAsync() => ReadLineAsync(_process);

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(_patience);
        }
        catch (TimeoutException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static async Task<string> ReadLineAsync(Process process) => await process.StandardOutput.ReadLineAsync()
        ?? throw new InvalidOperationException($"{string.Join(' ', process.StartInfo.ArgumentList)} ended early.");

    private Process Refreshed()
    {
        _process.Refresh();
        return _process;
    }

    // under `dotnet X.dll` the program is dotnet
    private static string[] OwnAssembly() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(ChildProcess).Assembly.Location] : [];
}
