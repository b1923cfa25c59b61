using System.Reflection;

namespace Bitswap.Protocol.Tests;

public sealed class PublicApiTests
{
    private static readonly Assembly _assembly = typeof(BitswapEngine).Assembly;

    [Fact]
    public void Nothing_public_does_input_or_output_waits_logs_or_reads_a_clock()
    {
        string[] banned =
        [
            "System.Threading.Tasks", "System.Threading.CancellationToken", "System.Threading.Timer", "System.IO.Stream", "System.IO.Pipelines", "System.Net.Sockets",
            "Microsoft.Extensions.Logging", "System.TimeProvider", "System.Random", "System.Diagnostics.Stopwatch",
        ];
        var found = new List<string>();
        foreach (Type type in _assembly.GetExportedTypes())
        {
            foreach (MemberInfo member in type.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            {
                IEnumerable<Type> types = member switch
                {
                    MethodBase method when method.IsPublic || method.IsFamily => [.. method.GetParameters().Select(p => p.ParameterType), .. method is MethodInfo info ? [info.ReturnType] : Type.EmptyTypes],
                    FieldInfo field when field.IsPublic => [field.FieldType],
                    PropertyInfo property => [property.PropertyType],
                    _ => [],
                };
                found.AddRange(types.SelectMany(Within).Where(t => banned.Any(b => (t.FullName ?? string.Empty).StartsWith(b, StringComparison.Ordinal))).Select(t => $"{type}.{member.Name}: {t}"));
            }
        }

        Assert.Empty(found);
        Assert.True(_assembly.GetExportedTypes().Length > 20);
    }

    [Fact]
    public void It_references_the_base_class_library_and_Bitswap_Multiformats_only()
    {
        string[] others = [.. _assembly.GetReferencedAssemblies().Select(a => a.Name!).Where(n => !n.StartsWith("System.", StringComparison.Ordinal)).Order()];
        Assert.Subset(new HashSet<string> { "Bitswap.Multiformats", "Google.Protobuf" }, new HashSet<string>(others));
    }

    private static IEnumerable<Type> Within(Type type)
    {
        yield return type;
        if (type.HasElementType)
        {
            foreach (Type inner in Within(type.GetElementType()!))
            {
                yield return inner;
            }
        }

        foreach (Type inner in type.GetGenericArguments().SelectMany(Within))
        {
            yield return inner;
        }
    }
}
