using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Observability;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Observability;

public sealed class LogFileTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, 678, TimeSpan.FromHours(2)));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_line_has_the_time_in_UTC_the_level_the_number_and_the_message()
    {
        await WriteAsync("Trace", log =>
        {
            log.Log(LogLevel.Information, new EventId(1001, "Started"), "Node {Peer} listens", "12D3Koo");
            log.Log(LogLevel.Critical, new EventId(1003), "{Text}", "{ braces } of no template");
        });
        Assert.Equal(
            ["2030-01-02T01:04:05.678Z Information 1001 Node 12D3Koo listens", "2030-01-02T01:04:05.678Z Critical 1003 { braces } of no template"],
            await File.ReadAllLinesAsync(_folder["node.log"]));
    }

    [Fact]
    public async Task What_a_stranger_says_makes_no_line_of_its_own()
    {
        await WriteAsync("Information", log => log.Log(
            LogLevel.Warning, new EventId(7), new InvalidOperationException("first\nsecond\u001b[2J"), "{Name} is bad", "a\r\n2030-01-01T00:00:00.000Z Critical 1 forged\u2028\u202e"));
        string[] lines = await File.ReadAllLinesAsync(_folder["node.log"]);
        Assert.Equal("2030-01-02T01:04:05.678Z Warning 7 a\\u{D}\\u{A}2030-01-01T00:00:00.000Z Critical 1 forged\\u{2028}\\u{202E} is bad", lines[0]);
        Assert.Equal("    System.InvalidOperationException: first", lines[1]);
        Assert.Equal("    second\\u{1B}[2J", lines[2]);
        Assert.All(lines[1..], line => Assert.StartsWith("    ", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Trace", 6)]
    [InlineData("Debug", 5)]
    [InlineData("information", 4)]
    [InlineData("Warning", 3)]
    [InlineData("Error", 2)]
    [InlineData("Critical", 1)]
    public async Task What_is_less_important_than_the_level_is_left_out(string level, int lines)
    {
        await WriteAsync(level, log =>
        {
            foreach (string name in LogFile.Levels)
            {
                LogLevel of = Enum.Parse<LogLevel>(name);
                Assert.Equal(of >= Enum.Parse<LogLevel>(level, ignoreCase: true), log.IsEnabled(of));
                log.Log(of, new EventId(1), "a line");
            }
        });
        Assert.Equal(lines, (await File.ReadAllLinesAsync(_folder["node.log"])).Length);
    }

    [Fact]
    public async Task Files_have_so_many_bytes_and_are_so_many()
    {
        const long MaxBytes = 64 << 10;
        string text = new('x', 1000);
        for (int i = 0; i < 5; i++)
        {
            // as often as a node is started: what is there is added to
            await WriteAsync("Trace", log => Repeat(100, () => log.Log(LogLevel.Debug, new EventId(1), text)), new NodeOptions { MaxLogFileBytes = MaxBytes, MaxLogFiles = 3 });
        }

        FileInfo[] files = new DirectoryInfo(_folder.Path).GetFiles();
        Assert.Equal(3, files.Length);
        Assert.All(files, file => Assert.InRange(file.Length, 1, MaxBytes + 2000));
        Assert.All(files, file => Assert.Matches("^node(_[0-9]{3})?[.]log$", file.Name));
    }

    [Fact]
    public async Task Every_line_is_in_the_file_or_counted_as_lost()
    {
        const int Lines = 100_000;
        LogFile log = new NodeOptions { MaxLogFileBytes = 1 << 30, Clock = _clock }.OpenLog(_folder["node.log"], "Trace");
        ILogger logger = LoggerOf(log);
        Repeat(Lines, () => logger.Log(LogLevel.Debug, new EventId(1), "a line"));
        await log.DisposeAsync();
        string[] written = await File.ReadAllLinesAsync(_folder["node.log"]);
        string[] notes = [.. written.Where(line => line.Contains(" Warning 1060 ", StringComparison.Ordinal))];
        Assert.Equal(Lines, written.Length - notes.Length + log.Lost);
        Assert.Equal(log.Lost > 0, notes.Length > 0);
        Assert.Null(log.Failure);
    }

    [Fact]
    public void A_path_that_cannot_be_written_is_an_error_that_names_it()
    {
        foreach (string path in new[] { _folder["none/node.log"], _folder.Path })
        {
            BitswapException refused = Assert.Throws<BitswapException>(() => new NodeOptions().OpenLog(path, "Trace"));
            Assert.Equal(("LogFailed", (object?)path), (refused.ErrorId, refused.Target));
            Assert.Contains(path, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_cannot_be_written_later_is_counted_with_its_reason()
    {
        LogFile log = new NodeOptions().OpenLog(_folder["sub.log"], "Trace");
        // the writer opens the file at the first line, and finds a folder in its place
        File.Delete(_folder["sub.log"]);
        Directory.CreateDirectory(_folder["sub.log"]);
        LoggerOf(log).Log(LogLevel.Debug, new EventId(1), "a line");
        await log.DisposeAsync();
        Assert.Equal(1, log.Lost);
        Assert.NotNull(log.Failure);
    }

    [Fact]
    public async Task A_node_logs_from_its_start_to_its_end()
    {
        LogFile log = new NodeOptions().OpenLog(_folder["node.log"], "Information");
        NodeHost node = await NodeHost.StartAsync(new NodeOptions { Network = new MemoryNetwork(seed: 1).CreatePeer(), LoggerFactory = log.LoggerFactory });
        await node.StopAsync();
        await log.DisposeAsync();
        string[] lines = await File.ReadAllLinesAsync(_folder["node.log"]);
        Assert.Contains(" Information 1001 ", lines[0], StringComparison.Ordinal);
        Assert.Contains(" Information 1002 ", lines[^1], StringComparison.Ordinal);
    }

    private static void Repeat(int times, Action action)
    {
        for (int i = 0; i < times; i++)
        {
            action();
        }
    }

    private static ILogger LoggerOf(LogFile log) => log.LoggerFactory.CreateLogger("any");

    private async Task WriteAsync(string level, Action<ILogger> write, NodeOptions? options = null)
    {
        LogFile log = ((options ?? new NodeOptions()) with { Clock = _clock }).OpenLog(_folder["node.log"], level);
        write(LoggerOf(log));
        await log.DisposeAsync();
        Assert.Equal(0, log.Lost);
    }
}
