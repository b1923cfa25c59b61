using System.Text.Json;
using Bitswap.Tests.Shared;

namespace Bitswap.Tests.Shell;

/// <summary>
/// Runs each file of tests/Pester, against the package of a Release build, in the PowerShell that the repository pins.
/// The tests of one class run one after another, those of several beside each other: so the files are dealt to several classes.
/// </summary>
public abstract class PesterTests(ITestOutputHelper output)
{
    private const int Parts = 4;

    private static readonly TimeSpan _limitOfFile = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan _limitOfPreparation = TimeSpan.FromMinutes(10);
    private static readonly string _folder = Path.Combine(SharedData.RepositoryRoot, "tests", "Pester");

    // the package, installed, and Pester: made once for all files
    private static readonly Lazy<Task> _prepared = new(PrepareAsync);

    /// <summary>The names of the files that fall to a part, without their ending.</summary>
    /// <param name="part">From 0.</param>
    public static TheoryData<string> Files(int part) =>
        [.. Directory.EnumerateFiles(_folder, "*.Tests.ps1")
            .Select(path => Path.GetFileName(path)[..^".Tests.ps1".Length])
            .Order(StringComparer.Ordinal)
            .Where((_, index) => index % Parts == part)];

    private protected async Task RunAsync(string name)
    {
        await _prepared.Value;
        (int code, string text) = await PowerShellTool.RunScriptAsync("tests/Pester/RunFile.ps1", ["-Name", name], _limitOfFile);
        output.WriteLine(text);
        string counted = Path.Combine(SharedData.RepositoryRoot, "bin", "TestResults", "pester", $"{name}.json");
        Assert.True(File.Exists(counted), $"{name} ended with code {code} before it was done:\n{text}");
        JsonElement counts = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllBytesAsync(counted));
        Assert.True(code == 0 && counts.GetProperty("failed").GetInt32() == 0, text);
        Assert.True(counts.GetProperty("passed").GetInt32() + counts.GetProperty("skipped").GetArrayLength() > 0, $"{name} holds no test:\n{text}");
    }

    private static async Task PrepareAsync()
    {
        await PowerShellTool.RestoreAsync();
        (int code, string text) = await PowerShellTool.RunScriptAsync("tests/Pester/Prepare.ps1", [], _limitOfPreparation);
        Assert.True(code == 0, $"tests/Pester/Prepare.ps1 ended with code {code}:\n{text}");
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
