using System.Text.Json;
using Bitswap.Tests.Shared;

namespace Bitswap.Tests.Shell;

/// <summary>
/// Runs each file of tests/Pester, against the package of a Release build, in the PowerShell that the repository pins.
/// The tests of one class run one after another, those of several beside each other: so the files are dealt to several classes, each of which takes about as long.
/// </summary>
public abstract class PesterTests(ITestOutputHelper output)
{
    private const int Parts = 4;

    private static readonly TimeSpan _limitOfFile = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan _limitOfPreparation = TimeSpan.FromMinutes(10);
    private static readonly string _folder = Path.Combine(SharedData.RepositoryRoot, "tests", "Pester");

    // the package, installed, and Pester: made once for all files
    private static readonly Lazy<Task<string[]>> _prepared = new(PrepareAsync);

    /// <summary>The names of the files that fall to a part, without their ending: the longest first, each to the part that has the least to do so far.</summary>
    /// <param name="part">From 0.</param>
    public static TheoryData<string> Files(int part)
    {
        // a file that is not in it yet counts a second for each kilobyte
        Dictionary<string, double> seconds = JsonSerializer.Deserialize<Dictionary<string, double>>(File.ReadAllBytes(Path.Combine(_folder, "seconds.json")))!;
        TheoryData<string>[] dealt = [.. Enumerable.Range(0, Parts).Select(_ => new TheoryData<string>())];
        double[] load = new double[Parts];
        foreach ((string name, double length) in Directory.EnumerateFiles(_folder, "*.Tests.ps1")
            .Select(path => (Name: Path.GetFileName(path)[..^".Tests.ps1".Length], Size: new FileInfo(path).Length))
            .Select(file => (file.Name, Length: seconds.GetValueOrDefault(file.Name, file.Size / 1000.0)))
            .OrderByDescending(file => file.Length)
            .ThenBy(file => file.Name, StringComparer.Ordinal))
        {
            int least = Array.IndexOf(load, load.Min());
            dealt[least].Add(name);
            load[least] += length;
        }
        return dealt[part];
    }

    private protected async Task RunAsync(string name)
    {
        string[] shell = await _prepared.Value;
        string[] arguments = [.. shell[1..], "-NoProfile", "-NonInteractive", "-File", "tests/Pester/RunFile.ps1", "-Name", name];
        (int code, string text) = await PowerShellTool.RunAsync(shell[0], arguments, SharedData.RepositoryRoot, _limitOfFile);
        output.WriteLine(text);
        string counted = Path.Combine(SharedData.RepositoryRoot, "bin", "TestResults", "pester", $"{name}.json");
        Assert.True(File.Exists(counted), $"{name} ended with code {code} before it was done:\n{text}");
        JsonElement counts = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllBytesAsync(counted));
        Assert.True(code == 0 && counts.GetProperty("failed").GetInt32() == 0, text);
        Assert.True(counts.GetProperty("passed").GetInt32() + counts.GetProperty("skipped").GetArrayLength() > 0, $"{name} holds no test:\n{text}");
    }

    private static async Task<string[]> PrepareAsync()
    {
        await PowerShellTool.RestoreAsync();
        (int code, string text) = await PowerShellTool.RunScriptAsync("tests/Pester/Prepare.ps1", [], _limitOfPreparation);
        Assert.True(code == 0, $"tests/Pester/Prepare.ps1 ended with code {code}:\n{text}");
        string prepared = Path.Combine(SharedData.RepositoryRoot, "bin", "TestResults", "pester", "prepared.json");
        return JsonSerializer.Deserialize<JsonElement>(await File.ReadAllBytesAsync(prepared)).GetProperty("PowerShell").Deserialize<string[]>()!;
    }

    public sealed class Part0(ITestOutputHelper output) : PesterTests(output)
    {
        [Theory]
        [MemberData(nameof(Files), 0)]
        public Task The_tests_of_a_file_pass(string name) => RunAsync(name);
    }

    public sealed class Part1(ITestOutputHelper output) : PesterTests(output)
    {
        [Theory]
        [MemberData(nameof(Files), 1)]
        public Task The_tests_of_a_file_pass(string name) => RunAsync(name);
    }

    public sealed class Part2(ITestOutputHelper output) : PesterTests(output)
    {
        [Theory]
        [MemberData(nameof(Files), 2)]
        public Task The_tests_of_a_file_pass(string name) => RunAsync(name);
    }

    public sealed class Part3(ITestOutputHelper output) : PesterTests(output)
    {
        [Theory]
        [MemberData(nameof(Files), Parts - 1)]
        public Task The_tests_of_a_file_pass(string name) => RunAsync(name);
    }
}
