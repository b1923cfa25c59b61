namespace Bitswap.Mutation;

/// <summary>A folder of code that is mutated, and the tests that have to notice.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Project">The project of the code, a folder below src.</param>
/// <param name="Folder">The folder in it.</param>
/// <param name="Tests">The test project, a folder below tests.</param>
/// <param name="Stages">Filters of the test runner. What passes the first is run against the next: quick tests first.</param>
internal sealed record MutationArea(string Name, string Project, string Folder, string Tests, IReadOnlyList<string[]> Stages)
{
    private const string Protocol = "Bitswap.Protocol.Tests";
    private const string Node = "Bitswap.Node.Tests";

    // what they kill is a process of tests/Bitswap.Peer, whose code is not changed
    private static readonly string[] _withoutKills = ["-class-", $"{Node}.Repositories.KillTests"];

    public static IReadOnlyList<MutationArea> All { get; } =
    [
        new("client", "Bitswap.Protocol", "Client", Protocol,
        [
            Namespaces($"{Protocol}.Client", $"{Protocol}.Boxo"),
            Without($"{Protocol}.Client", $"{Protocol}.Boxo", $"{Protocol}.Messages"),
        ]),
        new("peers", "Bitswap.Node", "Peers", Node,
        [
            Namespaces($"{Node}.Peers", $"{Node}.Networks", Node),
            [.. Without($"{Node}.Peers", $"{Node}.Networks", $"{Node}.Blockstores", $"{Node}.Interop"), .. _withoutKills],
        ]),
        new("stores", "Bitswap.Node", "Blockstores", Node,
        [
            Namespaces($"{Node}.Blockstores"),
            [.. Without($"{Node}.Blockstores", $"{Node}.Peers", $"{Node}.Networks", $"{Node}.Interop"), .. _withoutKills],
        ]),
    ];

    private static string[] Namespaces(params string[] names) => [.. names.SelectMany(name => new[] { "-namespace", name })];

    private static string[] Without(params string[] names) => [.. names.SelectMany(name => new[] { "-namespace-", name })];
}
