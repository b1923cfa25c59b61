using System.Diagnostics;

namespace Bitswap.Mutation;

/// <summary>The tests of an area, in a copy of what was built, where the mutated assembly takes the place of the right one.</summary>
internal sealed class MutantTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);
    private readonly MutationArea _area;
    private readonly string _folder;
    private readonly List<TimeSpan> _limits = [];

    private MutantTests(MutationArea area, string folder)
    {
        _area = area;
        _folder = folder;
    }

    /// <summary>Builds the tests and copies them below bin/, where they find the repository that they read.</summary>
    public static async Task<MutantTests> OpenAsync(MutationArea area, string root)
    {
        string project = Path.Combine(root, "tests", area.Tests);
        await Commands.RunAsync("dotnet", "build", project, "-c", Commands.Configuration, "-v", "quiet", "-nologo", "-clp:NoSummary");
        string built = Path.Combine(project, "bin", Commands.Configuration, "net10.0");
        string folder = Path.Combine(root, "bin", "Mutation", area.Name);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        foreach (string file in Directory.EnumerateFiles(built, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(built, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return new MutantTests(area, folder);
    }

    /// <summary>Where an assembly is put.</summary>
    public string PathOf(string assembly) => Path.Combine(_folder, assembly);

    /// <summary>Runs all tests against code that is right, which has to be green, and notes how long they take.</summary>
    public async Task MeasureAsync()
    {
        foreach (string[] stage in _area.Stages)
        {
            long started = Stopwatch.GetTimestamp();
            if (await RunAsync(stage, TimeSpan.FromHours(1)) is { } red)
            {
                throw new InvalidOperationException($"The tests {string.Join(' ', stage)} of {_area.Tests} are red before anything is changed: {red}");
            }

            // generous: a mutant that is slow is not noticed by that, one that hangs is
            _limits.Add((4 * Stopwatch.GetElapsedTime(started)) + _patience);
        }
    }

    /// <summary>What noticed the assembly that is there now: a failed test, or that the tests did not end. Null when nothing did.</summary>
    public async Task<string?> NoticeAsync()
    {
        for (int stage = 0; stage < _area.Stages.Count; stage++)
        {
            if (await RunAsync(_area.Stages[stage], _limits[stage]) is { } noticed)
            {
                return noticed;
            }
        }

        return null;
    }

    private async Task<string?> RunAsync(string[] filter, TimeSpan limit)
    {
        (int code, string output) = await Commands.TryRunAsync(limit, "dotnet", ["exec", PathOf(_area.Tests + ".dll"), "-noLogo", "-noColor", "-stopOnFail", .. filter]);
        string? failed = output.Split('\n').FirstOrDefault(line => line.TrimEnd().EndsWith("[FAIL]", StringComparison.Ordinal))?.Replace("[FAIL]", "", StringComparison.Ordinal).Trim();
        return code switch
        {
            0 => null,
            Commands.TookTooLong => "the tests did not end",
            _ => failed ?? $"the tests ended with code {code}",
        };
    }
}
