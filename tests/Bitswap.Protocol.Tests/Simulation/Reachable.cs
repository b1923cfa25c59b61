using System.Reflection;

namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>All objects that a graph holds on to, found through its fields: what is forgotten is not among them.</summary>
internal static class Reachable
{
    public static IReadOnlyCollection<object> From(object root)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance) { root };
        var left = new Stack<object>();
        left.Push(root);
        while (left.TryPop(out object? at))
        {
            if (at is Array array)
            {
                if (!Holds(at.GetType().GetElementType()!))
                {
                    continue;
                }

                foreach (object? element in array)
                {
                    Add(element);
                }

                continue;
            }

            for (Type? type = at.GetType(); type is not null; type = type.BaseType)
            {
                foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                {
                    if (Holds(field.FieldType))
                    {
                        Add(field.GetValue(at));
                    }
                }
            }
        }

        return seen;

        void Add(object? value)
        {
            if (value is not (null or string or Type or Delegate or Pointer) && Holds(value.GetType()) && seen.Add(value))
            {
                left.Push(value);
            }
        }
    }

    private static bool Holds(Type type) => !type.IsPointer && !type.IsPrimitive && !type.IsEnum && !type.IsByRefLike;
}
