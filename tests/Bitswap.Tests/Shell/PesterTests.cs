using System.Text.Json;
using Bitswap.Tests.Shared;

namespace Bitswap.Tests.Shell;

/// <summary>Runs each file of tests/Pester, against the package of a Release build, in the PowerShell that the repository pins.</summary>
public sealed class PesterTests(PesterTests.Preparation preparation, ITestOutputHelper output) : IClassFixture<PesterTests.Preparation>
{
    private static readonly TimeSpan _limitOfFile = TimeSpan.FromMinutes(6);
    private static readonly string _folder = Path.Combine(SharedData.RepositoryRoot, "tests", "Pester");

    public static TheoryData<string> Files() =>
        [.. Directory.EnumerateFiles(_folder, "*.Tests.ps1").Select(path => Path.GetFileName(path)[..^".Tests.ps1".Length]).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task The_tests_of_a_file_pass(string name)
    {
        Assert.True(preparation.Failure is null, preparation.Failure);
        (int code, string text) = await PowerShellTool.RunScriptAsync("tests/Pester/RunFile.ps1", ["-Name", name], _limitOfFile);
        output.WriteLine(text);
        string counted = Path.Combine(SharedData.RepositoryRoot, "bin", "TestResults", "pester", $"{name}.json");
        Assert.True(File.Exists(counted), $"{name} ended with code {code} before it was done:\n{text}");
        JsonElement counts = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllBytesAsync(counted));
        Assert.True(code == 0 && counts.GetProperty("failed").GetInt32() == 0, text);
        Assert.True(counts.GetProperty("passed").GetInt32() + counts.GetProperty("skipped").GetArrayLength() > 0, $"{name} holds no test:\n{text}");
    }

    /// <summary>The package, installed, and Pester: made once for all files.</summary>
    public sealed class Preparation : IAsyncLifetime
    {
        private static readonly TimeSpan _limit = TimeSpan.FromMinutes(10);

        /// <summary>Why there is nothing to test, or null.</summary>
        public string? Failure { get; private set; }

        public async ValueTask InitializeAsync()
        {
            await PowerShellTool.RestoreAsync();
            (int code, string text) = await PowerShellTool.RunScriptAsync("tests/Pester/Prepare.ps1", [], _limit);
            Failure = code == 0 ? null : $"tests/Pester/Prepare.ps1 ended with code {code}:\n{text}";
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
