namespace Bitswap.Tests.Architecture;

/// <summary>Holds that no folder of a room refers to one that refers to it: leaves stand below, what uses them above, the facade on top.</summary>
public sealed class FolderTests
{
    [Theory]
    [MemberData(nameof(ArchitectureTests.Rooms), MemberType = typeof(ArchitectureTests))]
    public void No_folder_refers_to_one_that_refers_to_it(string room)
    {
        FolderReferences references = FolderReferences.Of(PathOf(room));
        Assert.True(references.Folders.Count > 1, $"{room} has no folders");
        Assert.Empty(references.Circles());
        Assert.Empty(references.Strays);
    }

    [Fact]
    public void The_protocol_stands_on_its_messages_and_its_engine_on_top()
    {
        Assert.Equal(
            ["Bitswap.Protocol", "Bitswap.Protocol.Abstractions", "Bitswap.Protocol.Client", "Bitswap.Protocol.Core", "Bitswap.Protocol.Messages", "Bitswap.Protocol.Server"],
            FolderReferences.Of(PathOf("Bitswap.Protocol")).Folders);
    }

    [Fact]
    public void A_circle_is_found_where_there_is_one()
    {
        FolderReferences references = FolderReferences.Of(typeof(Circles.Below.Lower).Assembly.Location);
        Assert.Contains(references.Circles(), circle => circle == "Bitswap.Tests.Architecture.Circles.Above -> Bitswap.Tests.Architecture.Circles.Below: Upper uses Lower");
        Assert.Contains(references.Circles(), circle => circle == "Bitswap.Tests.Architecture.Circles.Below -> Bitswap.Tests.Architecture.Circles.Above: Lower uses Upper");
    }

    private static string PathOf(string room) => Path.Combine(AppContext.BaseDirectory, room + ".dll");
}
