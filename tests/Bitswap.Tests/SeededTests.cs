using System.Text.RegularExpressions;
using Bitswap.Tests.Shared;
using Xunit.Sdk;

namespace Bitswap.Tests;

/// <summary>What a random test says when it fails.</summary>
public sealed partial class SeededTests
{
    [Fact]
    public async Task A_failing_run_names_its_seed_whatever_it_failed_by()
    {
        int first = 0;
        Exception failure = Assert.ThrowsAny<Exception>(() => Seeded.Run(3, random =>
        {
            first = random.Next();
            throw new IOException("the child process ended with code 1");
        }));
        Match seed = NamedSeed().Match(failure.Message);
        Assert.True(seed.Success, failure.Message);
        Assert.Contains("ended with code 1", failure.Message, StringComparison.Ordinal);
        Assert.Equal(first, new Random(int.Parse(seed.Groups[1].Value)).Next());

        failure = await Assert.ThrowsAnyAsync<Exception>(() => Seeded.RunAsync(async _ =>
        {
            await Task.Yield();
            Assert.Fail("two values differ");
        }));
        Assert.Matches(NamedSeed(), failure.Message);
    }

    [Fact]
    public async Task A_run_that_is_skipped_is_skipped_and_does_not_fail()
    {
        // Assert.Throws lets a skip through, which would skip this test
        int skipped = 0;
        try
        {
            await Seeded.RunAsync(_ =>
            {
                Assert.Skip("there is no Node.js");
                return Task.CompletedTask;
            });
        }
        catch (SkipException)
        {
            skipped++;
        }

        try
        {
            Seeded.Run(_ => Assert.Skip("there is no Node.js"));
        }
        catch (SkipException)
        {
            skipped++;
        }

        Assert.Equal(2, skipped);
    }

    [Fact]
    public void No_test_takes_its_random_values_from_anywhere_else()
    {
        string tests = Path.Combine(SharedData.RepositoryRoot, "tests");
        string[] unseeded =
        [
            .. Directory.EnumerateFiles(tests, "*.cs", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(tests, path))
                .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
                .Where(path => path.Split(Path.DirectorySeparatorChar)[0] is "Shared" or [.., '.', 'T', 'e', 's', 't', 's'])
                .Where(path => Path.GetFileName(path) is not ("Seeded.cs" or "SeededTests.cs"))
                .Where(path => Unseeded().IsMatch(File.ReadAllText(Path.Combine(tests, path)))),
        ];

        Assert.Empty(unseeded);
    }

    [GeneratedRegex(@"BITSWAP_TEST_SEED=(-?\d+)")]
    private static partial Regex NamedSeed();

    [GeneratedRegex(@"Random\.Shared|new Random\(\)|Random \w+ = new\(\)|RandomNumberGenerator|TickCount|BITSWAP_TEST_SEED")]
    private static partial Regex Unseeded();
}
