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

    public static IReadOnlyList<MutationArea> All { get; } =
    [
        new("client", "Bitswap.Protocol", "Client", Protocol,
        [
            Namespaces($"{Protocol}.Client", $"{Protocol}.Boxo"),
            Without($"{Protocol}.Client", $"{Protocol}.Boxo", $"{Protocol}.Wire"),
        ]),
        new("peers", "Bitswap.Node", "Peers", Node,
        [
            Namespaces($"{Node}.Peers", $"{Node}.Networks", Node),
            Without($"{Node}.Peers", $"{Node}.Networks", $"{Node}.Blockstores", $"{Node}.Interop"),
        ]),
        new("stores", "Bitswap.Node", "Blockstores", Node,
        [
            Namespaces($"{Node}.Blockstores"),
            Without($"{Node}.Blockstores", $"{Node}.Peers", $"{Node}.Networks", $"{Node}.Interop"),
        ]),
    ];

    private static string[] Namespaces(params string[] names) => [.. names.SelectMany(name => new[] { "-namespace", name })];

    private static string[] Without(params string[] names) => [.. names.SelectMany(name => new[] { "-namespace-", name })];
}
