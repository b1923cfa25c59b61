using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Bitswap.Tests;

/// <summary>Who may enter which room: fails where an arrow is added.</summary>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> _allowed = new()
    {
        ["Bitswap.Multiformats"] = ["Blake3", "BouncyCastle.Cryptography"],
        ["Bitswap.Protocol"] = ["Bitswap.Multiformats", "Google.Protobuf"],
        ["Bitswap.Dag"] = ["Bitswap.Multiformats"],
        ["Bitswap.Libp2p"] = ["Bitswap.Multiformats", "BouncyCastle.Cryptography", "DnsClient", "Google.Protobuf", "Microsoft.Extensions.Logging.Abstractions"],
        ["Bitswap.Node"] = ["Bitswap.Multiformats", "Bitswap.Protocol", "Bitswap.Dag", "Bitswap.Libp2p", "Microsoft.Extensions.Logging.Abstractions", "QRCoder", "Serilog", "Serilog.Sinks.File"],
        // Node's own face is made of the ground floor's types, of the protocol's plain records and of the graph's
        ["Bitswap"] = ["Bitswap.Node", "Bitswap.Protocol", "Bitswap.Dag", "Bitswap.Multiformats", "System.Management.Automation"],
    };

    public static TheoryData<string> Rooms => [.. _allowed.Keys];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_enters_only_the_rooms_below_it(string room)
    {
        string[] entered = [.. ReferencesOf(room).Where(name => !IsFramework(name))];
        Assert.Empty(entered.Except(_allowed[room]));
    }

    [Fact]
    public void The_protocol_does_no_input_or_output()
    {
        string[] forbidden = ["System.Net.Sockets", "System.Net.Http", "System.IO.Pipelines", "Microsoft.Extensions.Logging.Abstractions", "System.Threading.Channels"];
        Assert.Empty(ReferencesOf("Bitswap.Protocol").Intersect(forbidden));
    }

    [Fact]
    public void The_public_face_of_the_protocol_has_no_task_stream_token_or_clock()
    {
        Type[] forbidden = [typeof(Task), typeof(Task<>), typeof(ValueTask), typeof(ValueTask<>), typeof(Stream), typeof(CancellationToken), typeof(TimeProvider)];
        Assembly protocol = Assembly.Load("Bitswap.Protocol");
        string[] found = [.. from type in protocol.GetExportedTypes()
                             from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
                             from used in method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType)
                             where forbidden.Contains(used.IsGenericType ? used.GetGenericTypeDefinition() : used)
                             select $"{type.Name}.{method.Name}: {used.Name}"];
        Assert.Empty(found);
    }

    [Fact]
    public void Native_code_is_called_for_the_facts_of_files_alone()
    {
        List<string> callers = [];
        foreach (string room in _allowed.Keys)
        {
            using PEReader file = new(File.OpenRead(PathOf(room)));
            MetadataReader metadata = file.GetMetadataReader();
            callers.AddRange(from handle in metadata.MethodDefinitions
                             let method = metadata.GetMethodDefinition(handle)
                             where method.Attributes.HasFlag(MethodAttributes.PinvokeImpl)
                             let type = metadata.GetTypeDefinition(method.GetDeclaringType())
                             let module = metadata.GetModuleReference(method.GetImport().Module)
                             select $"{metadata.GetString(type.Name)} calls {metadata.GetString(module.Name)}");
        }

        Assert.Equal(["NativeFiles calls libc"], callers.Distinct());
    }

    [Fact]
    public void No_two_types_have_one_name_whichever_rooms_they_are_in()
    {
        List<(string Name, string Place)> types = [];
        foreach (string room in _allowed.Keys)
        {
            using PEReader file = new(File.OpenRead(PathOf(room)));
            MetadataReader metadata = file.GetMetadataReader();
            types.AddRange(from handle in metadata.TypeDefinitions
                           let type = metadata.GetTypeDefinition(handle)
                           let name = metadata.GetString(type.Name)
                           where type.GetDeclaringType().IsNil && !name.StartsWith('<')
                           select (name, $"{metadata.GetString(type.Namespace)}.{name} of {room}"));
        }

        Assert.True(types.Count > 500, $"{types.Count} types were found");
        Assert.Empty(types.GroupBy(type => type.Name).Where(same => same.Count() > 1).Select(same => string.Join(", ", same.Select(type => type.Place))));
    }

    [Fact]
    public void What_a_user_spells_is_forwarded()
    {
        Assembly module = typeof(BitswapNode).Assembly;
        string[] forwarded = [.. module.GetForwardedTypes().Select(type => type.FullName!)];
        // what lies in the namespace Bitswap lies there to be spelled
        string[] meant = [.. new[] { "Bitswap.Multiformats", "Bitswap.Node", "Bitswap.Protocol", "Bitswap.Dag", "Bitswap.Libp2p" }
            .SelectMany(room => Assembly.Load(room).GetExportedTypes())
            .Where(type => type.Namespace == "Bitswap" && !type.IsNested)
            .Select(type => type.FullName!)];
        Assert.Empty(meant.Except(forwarded));
    }

    private static string[] ReferencesOf(string room)
    {
        using PEReader file = new(File.OpenRead(PathOf(room)));
        MetadataReader metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }

    private static string PathOf(string room) => Path.Combine(AppContext.BaseDirectory, room + ".dll");

    private static bool IsFramework(string name) =>
        (name.StartsWith("System.", StringComparison.Ordinal) && name != "System.Management.Automation")
        || name is "System" or "mscorlib" or "netstandard" or "Microsoft.Win32.Primitives";
}
