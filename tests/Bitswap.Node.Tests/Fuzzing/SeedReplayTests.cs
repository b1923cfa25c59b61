using Bitswap.Fuzz;

namespace Bitswap.Node.Tests.Fuzzing;

/// <summary>Gives every parser the inputs that fuzzing starts from and those that broke it once.</summary>
public sealed class SeedReplayTests
{
    private const int LargestSeed = 4096;

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Seeds_are_taken_or_refused_with_an_error_of_the_parser(string name)
    {
        FuzzTarget target = FuzzTargets.Find(name)!;
        List<string?> refusals = [];
        foreach ((string file, byte[] input) in FuzzSeeds.Of(target))
        {
            Assert.InRange(input.Length, 0, LargestSeed);
            refusals.Add(Run(target, input, file));
        }

        Assert.Contains(null, refusals);
        Assert.Contains(refusals, refusal => refusal is not null);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Seeds_that_are_cut_anywhere_or_followed_by_more_break_nothing(string name)
    {
        FuzzTarget target = FuzzTargets.Find(name)!;
        foreach ((string file, byte[] input) in FuzzSeeds.Of(target))
        {
            for (int length = 0; length < input.Length; length++)
            {
                Run(target, input[..length], $"the first {length} bytes of {file}");
            }

            foreach (byte more in (byte[])[0, (byte)'"', 0x80, 0xFF])
            {
                Run(target, [.. input, more], $"{file} and {more:x2}");
            }
        }
    }

    [Fact]
    public void Every_folder_of_seeds_has_a_target() =>
        Assert.Equal(
            FuzzTargets.All.Select(target => target.Name).Order(StringComparer.Ordinal),
            Directory.EnumerateDirectories(Path.GetDirectoryName(FuzzSeeds.FolderOf(FuzzTargets.All[0]))!).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    private static string? Run(FuzzTarget target, byte[] input, string what)
    {
        try
        {
            return target.Run(input);
        }
        catch (FuzzFailureException failure)
        {
            throw new InvalidOperationException($"{target.Name}, {what}: {failure.Message}", failure);
        }
    }
}
