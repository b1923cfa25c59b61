using Bitswap.Commands;
using Bitswap.Tests.Shared;

namespace Bitswap.Tests.Architecture;

/// <summary>Holds what the module shows to the outside: a change of it is made on purpose, and read as one.</summary>
public sealed class PublicApiTests
{
    private static readonly string _file = Path.Combine(SharedData.RepositoryRoot, "tests", "Bitswap.Tests", "Architecture", "PublicApi.txt");

    [Fact]
    public void The_module_shows_what_the_snapshot_lists()
    {
        string now = PublicApi.Of(typeof(StartBitswapNodeCommand).Assembly);
        string shown = Path.Combine(AppContext.BaseDirectory, "PublicApi.txt");
        File.WriteAllText(shown, now);
        string[] before = File.ReadAllText(_file).ReplaceLineEndings("\n").Split('\n');
        string[] after = now.Split('\n');
        Assert.True(
            before.SequenceEqual(after),
            $"Gone: {string.Join("; ", before.Except(after))}\nNew: {string.Join("; ", after.Except(before))}\nWhere that is meant, copy {shown} to {_file}.");
    }
}
