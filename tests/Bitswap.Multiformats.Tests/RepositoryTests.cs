using Bitswap.Tests.Shared;

namespace Bitswap.Multiformats.Tests;

public sealed class RepositoryTests
{
    [Fact]
    public void The_root_holds_the_solution() => Assert.True(File.Exists(Path.Combine(SharedData.RepositoryRoot, "Bitswap.sln")));
}
