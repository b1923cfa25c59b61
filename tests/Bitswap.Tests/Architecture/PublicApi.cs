using System.Reflection;
using System.Text;

namespace Bitswap.Tests.Architecture;

/// <summary>Lists what an assembly shows to the outside: a line for each public type and, below it, one for each member that it declares and others can reach.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>Returns the list, in an order of its own so that it can be compared.</summary>
    public static string Of(Assembly assembly)
    {
        StringBuilder list = new();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            list.Append(Head(type)).Append('\n');
            foreach (string member in type.GetMembers(Declared).Select(Line).OfType<string>().Order(StringComparer.Ordinal))
            {
                list.Append("  ").Append(member).Append('\n');
            }
        }

        foreach (Type forwarded in assembly.GetForwardedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            list.Append("forwarded ").Append(forwarded.FullName).Append('\n');
        }

        return list.ToString();
    }

    private static string Head(Type type)
    {
        string kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : type.IsSubclassOf(typeof(Delegate)) ? "delegate" : "class";
        string rank = type.IsClass && type.IsAbstract && type.IsSealed ? "static " : type.IsClass && type.IsAbstract ? "abstract " : type.IsClass && type.IsSealed ? "sealed " : "";
        string parent = kind == "class" && type.BaseType is { } above && above != typeof(object) ? $" : {Name(above)}" : "";
        return $"{rank}{kind} {type.FullName}{parent}";
    }

    private static string? Line(MemberInfo member) => member switch
    {
        ConstructorInfo constructor when IsReachable(constructor) => $"{Access(constructor)}new({Parameters(constructor)})",
        MethodInfo { IsSpecialName: false } method when IsReachable(method) => $"{Access(method)}{(method.IsStatic ? "static " : "")}{Name(method.ReturnType)} {method.Name}({Parameters(method)})",
        PropertyInfo property when Reachable(property.GetMethod, property.SetMethod) is { } accessor =>
            $"{Access(accessor)}{(accessor.IsStatic ? "static " : "")}{Name(property.PropertyType)} {property.Name} {{ {Accessor(property.GetMethod, "get")}{Accessor(property.SetMethod, "set")}}}",
        EventInfo { AddMethod: { } add } happening when IsReachable(add) => $"{Access(add)}event {Name(happening.EventHandlerType!)} {happening.Name}",
        FieldInfo { DeclaringType.IsEnum: true, IsLiteral: true } value => $"{value.Name} = {value.GetRawConstantValue()}",
        FieldInfo field when field.DeclaringType?.IsEnum == false && (field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly) => $"{(field.IsStatic ? "static " : "")}{Name(field.FieldType)} {field.Name}",
        _ => null,
    };

    private static string Accessor(MethodInfo? accessor, string name) => accessor is not null && IsReachable(accessor) ? $"{name}; " : "";

    private static MethodInfo? Reachable(params MethodInfo?[] accessors) => accessors.FirstOrDefault(accessor => accessor is not null && IsReachable(accessor));

    private static bool IsReachable(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(parameter => $"{Name(parameter.ParameterType)} {parameter.Name}"));

    private static string Name(Type type)
    {
        if (type.IsArray)
        {
            return $"{Name(type.GetElementType()!)}[]";
        }

        if (type.IsByRef)
        {
            return $"ref {Name(type.GetElementType()!)}";
        }

        string name = type.IsGenericParameter ? type.Name : type.FullName?.Split('`')[0] ?? type.Name;
        name = name.Split('[')[0];
        return type.IsGenericType ? $"{(type.Namespace is { } space ? space + "." : "")}{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : name;
    }
}
