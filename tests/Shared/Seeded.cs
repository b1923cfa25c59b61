using System.Globalization;
using Xunit.Sdk;

namespace Bitswap.Tests.Shared;

/// <summary>Runs a random test and names the seed of a failing run, whatever it failed by; BITSWAP_TEST_SEED repeats it.</summary>
internal static class Seeded
{
    /// <summary>Runs a test once.</summary>
    public static void Run(Action<Random> test) => Run(1, test);

    /// <summary>Runs a test so many times, each with a seed of its own.</summary>
    public static void Run(int times, Action<Random> test)
    {
        foreach (int seed in Seeds(times))
        {
            try
            {
                test(new Random(seed));
            }
            catch (Exception failure) when (failure is not SkipException)
            {
                throw Named(seed, failure);
            }
        }
    }

    /// <summary>Runs a test once.</summary>
    public static Task RunAsync(Func<Random, Task> test) => RunAsync(1, test);

    /// <summary>Runs a test so many times, each with a seed of its own.</summary>
    public static async Task RunAsync(int times, Func<Random, Task> test)
    {
        foreach (int seed in Seeds(times))
        {
            try
            {
                await test(new Random(seed));
            }
            catch (Exception failure) when (failure is not SkipException)
            {
                throw Named(seed, failure);
            }
        }
    }

    /// <summary>That many random bytes.</summary>
    public static byte[] Bytes(this Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static IEnumerable<int> Seeds(int times)
    {
        string? given = Environment.GetEnvironmentVariable("BITSWAP_TEST_SEED");
        int first = given is null ? Random.Shared.Next() : int.Parse(given, CultureInfo.InvariantCulture);
        return Enumerable.Range(0, given is null ? times : 1).Select(i => unchecked(first + i));
    }

    private static InvalidOperationException Named(int seed, Exception failure) =>
        new($"Failed with BITSWAP_TEST_SEED={seed}: {failure.Message}", failure);
}
