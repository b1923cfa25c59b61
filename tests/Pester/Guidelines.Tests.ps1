# Microsoft's cmdlet development guidelines, required (RD, RC) and strongly encouraged (SD, SC), one test an id.
# https://learn.microsoft.com/powershell/scripting/developer/cmdlet/cmdlet-development-guidelines
BeforeDiscovery {
    . "$PSScriptRoot/Common.ps1"
    $cmdlets = (Get-Module Bitswap).ExportedCmdlets.Values | Sort-Object Name | ForEach-Object { @{ Name = $_.Name } }
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/HelpPages.ps1"
    $common = [Management.Automation.PSCmdlet]::CommonParameters + [Management.Automation.PSCmdlet]::OptionalCommonParameters
    $approved = (Get-Verb).Verb
    $pages = @{}
    foreach ($page in Get-HelpPage) { $pages[$page.Name] = $page }

    # What changes a node, a store, a disk or the network by what it does, not by the way.
    $changing = 'Add', 'Clear', 'Connect', 'Disconnect', 'Export', 'Import', 'Publish', 'Remove', 'Save', 'Set', 'Start', 'Stop'

    # The parameters that a cmdlet declares itself.
    function Get-Own([Management.Automation.CommandInfo] $Command) {
        $Command.Parameters.Values | Where-Object Name -NotIn $common
    }

    function Get-Attribute($Of, [type] $Type) {
        @($Of.Attributes | Where-Object { $_ -is $Type })
    }

    function Test-Override([type] $Type, [string[]] $Names) {
        for ($at = $Type; $at -ne [Management.Automation.PSCmdlet]; $at = $at.BaseType) {
            foreach ($name in $Names) {
                if ($at.GetMethod($name, [Reflection.BindingFlags] 'Instance, NonPublic, DeclaredOnly')) { return $true }
            }
        }

        $false
    }
}
AfterAll { Clear-Nodes }

Describe 'The guidelines, for <Name>' -ForEach $cmdlets {
    BeforeAll {
        $command = Get-Command $Name
        $type = $command.ImplementingType
        $own = @(Get-Own $command)
        $attribute = $type.GetCustomAttributes([Management.Automation.CmdletAttribute], $false)
    }

    It 'RD01: the verb is an approved one' {
        $command.Verb | Should -BeIn $approved
    }

    It 'RD02: the name has no character that PowerShell gives a meaning to' {
        $Name | Should -Match '^[A-Za-z]+-[A-Za-z]+$'
    }

    It 'RD03: no parameter takes the name or an alias of a common one' {
        foreach ($parameter in $type.GetProperties() | Where-Object { $_.GetCustomAttributes([Parameter], $true) }) {
            $parameter.Name | Should -Not -BeIn $common
        }

        $reserved = 'cf', 'wi', 'vb', 'db', 'ea', 'ev', 'wa', 'wv', 'infa', 'iv', 'ov', 'ob', 'pv', 'proga'
        @($own.Aliases) | Where-Object { $_ -in $reserved } | Should -BeNullOrEmpty
        # no name stands for two
        $names = @($command.Parameters.Keys) + @($command.Parameters.Values.Aliases)
        @($names | Group-Object | Where-Object Count -GT 1) | Should -BeNullOrEmpty
    }

    It 'RD04: what changes something asks, and shows what it would do' {
        # a test network is an object of the caller's, and a key is kept
        $changes = $command.Verb -in $changing -or $Name -eq 'New-BitswapKey'
        $attribute.SupportsShouldProcess | Should -Be $changes
        $command.Parameters.ContainsKey('WhatIf') | Should -Be $changes
    }

    It 'RD05: what asks in an interactive session has -Force' {
        if ($attribute.ConfirmImpact -eq 'High') {
            $command.Parameters.Keys | Should -Contain 'Force'
        }
        else {
            # ShouldContinue asks whatever the preferences are, and nothing here does
            $attribute.ConfirmImpact | Should -BeIn 'Low', 'Medium', 'None'
        }
    }

    It 'RD06: its help tells what it gives' {
        (Split-Section $pages[$Name].Sections['OUTPUTS'] '###').Values | Should -Not -BeNullOrEmpty
    }

    It 'RC01 and RC02: it derives from PSCmdlet and is marked as a cmdlet, under its own name' {
        $type.IsSubclassOf([Management.Automation.PSCmdlet]) | Should -BeTrue
        "$($attribute.VerbName)-$($attribute.NounName)" | Should -BeExactly $Name
        $type.Name | Should -BeExactly ($Name.Replace('-', '') + 'Command')
        $type.IsSealed | Should -BeTrue
    }

    It 'RC03: it overrides a method that processes input' {
        Test-Override $type 'BeginProcessing', 'ProcessRecord', 'EndProcessing' | Should -BeTrue
    }

    It 'RC04: it names the types that it gives' {
        $named = @($command.OutputType.Type)
        $told = @((Split-Section $pages[$Name].Sections['OUTPUTS'] '###').Keys)
        if ($told -contains 'None') { $named | Should -BeNullOrEmpty } else { $named | Should -Not -BeNullOrEmpty }
    }

    It 'RC06: an error is one of the module, with an id, a category and what to do' {
        # every node that runs must not be needed for this
        $failure = Get-Failure {
            $node = $command.Parameters.ContainsKey('Node') ? @{ Node = 'no such node' } : @{}
            switch ($Name) {
                'Get-BitswapNode' { Get-BitswapNode 'no such node' }
                'Start-BitswapNode' { Start-BitswapNode -Option @{ NoSuchOption = 1 } }
                'Get-BitswapCid' { Get-BitswapCid -Cid '!' }
                'Wait-BitswapWant' { throw 'it takes wants alone, and reports those that fail' }
                'New-BitswapTestNetwork' { throw 'it has nothing that could fail' }
                default {
                    $required = @{}
                    $set = $command.ParameterSets | Where-Object { $_.Parameters.Name -contains 'Node' } | Sort-Object { -not $_.IsDefault } | Select-Object -First 1
                    foreach ($parameter in $set.Parameters | Where-Object IsMandatory) { $required[$parameter.Name] = $parameter.ParameterType.Name -match 'Want|Trace' ? $null : 'x' }
                    if ($required.Values -contains $null) { $required = $Name -eq 'Stop-BitswapWant' ? @{ Cid = 'x' } : @{} }
                    & $Name @required @node
                }
            }
        }
        if ($failure.FullyQualifiedErrorId -like '*it *') { return }
        ($failure.FullyQualifiedErrorId -split ',')[1] | Should -Be $type.FullName
        $failure.CategoryInfo.Category | Should -Not -Be 'NotSpecified'
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'SD01: its noun says what it is about, with the prefix of the module' {
        $command.Noun | Should -Match '^Bitswap[A-Z]'
        $command.Noun | Should -Not -Match '[^s]s$'
    }

    It 'SD02: its name is in Pascal case' {
        $Name | Should -MatchExactly '^[A-Z][a-z]+-Bitswap[A-Z][A-Za-z]*$'
    }

    It 'SD03: its parameters have standard names, in Pascal case and in the singular, and strong types' {
        # plural by nature: numbers of units, and what is counted
        $plural = 'TimeoutSeconds', 'MaxLinks', 'MaxRecords', 'RawLeaves', 'AllowAnyName', 'AllowLarge', 'Address', 'ListenAddress', 'AsBlock', 'LatencyMilliseconds', 'As'
        foreach ($parameter in $own) {
            $parameter.Name | Should -MatchExactly '^[A-Z][A-Za-z]*$'
            if ($parameter.Name -notin $plural) { $parameter.Name | Should -Not -Match '[^s]s$' }
            $parameter.ParameterType | Should -Not -Be ([bool]) -Because "-$($parameter.Name) is a switch where it is true or false"
            $parameter.ParameterType | Should -Not -Be ([Collections.ArrayList])
        }

        # a path with wildcards has one without
        if ($own.Name -contains 'Path' -and (Get-Attribute $command.Parameters.Path ([SupportsWildcards]))) {
            $own.Name | Should -Contain 'LiteralPath'
            $command.Parameters.LiteralPath.Aliases | Should -Contain 'PSPath'
        }
    }

    It 'SD03: what changes something and gives nothing by itself gives it with -PassThru' {
        if ($command.Verb -in 'Disconnect', 'Remove', 'Set', 'Stop' -and $Name -ne 'Stop-BitswapTrace') {
            $command.Parameters.PassThru.ParameterType | Should -Be ([switch])
        }
    }

    It 'SD05: it has a page of help' {
        $pages[$Name].Sections['DESCRIPTION'] | Should -Not -BeNullOrEmpty
        (Get-Help $Name).Synopsis | Should -Not -Match '^\s*Get-|\['
    }

    It 'SC01: what it works on comes as a list too, and by the pipeline' {
        foreach ($parameter in $own | Where-Object { $_.ParameterSets.Values.ValueFromPipeline -contains $true }) {
            # a name stands for one value
            if ($parameter.Name -notin 'InputObject', 'InputStream' -and $Name -ne 'Publish-BitswapName') {
                $parameter.ParameterType.IsArray | Should -BeTrue -Because "-$($parameter.Name)"
            }
        }
    }

    It 'SC02: its input is bound by value or by property name' {
        $takes = $own | Where-Object { $_.ParameterSets.Values.ValueFromPipeline -contains $true -or $_.ParameterSets.Values.ValueFromPipelineByPropertyName -contains $true }
        if ($Name -notin 'New-BitswapTestNetwork', 'Start-BitswapNode') { $takes | Should -Not -BeNullOrEmpty }
    }
}

Describe 'The guidelines, for the module' {
    AfterEach { Clear-Nodes }

    It 'RC05: an object that was given is not held on to: the next is another, and the first stays as it was' {
        $node = Start-BitswapNode
        $first = Get-BitswapStat $node
        $blocks = $first.BlocksSent
        $other = Start-BitswapNode
        $block = 'given' | Add-BitswapBlock -Node $node
        $null = Connect-BitswapPeer $node -Node $other
        $null = Get-BitswapBlock $block.Cid -Node $other
        $second = Get-BitswapStat $node
        [object]::ReferenceEquals($first, $second) | Should -BeFalse
        $second.BlocksSent | Should -Be ($blocks + 1)
        $first.BlocksSent | Should -Be $blocks
    }

    It 'RC07: it is deployed as a module that lists its cmdlets' {
        $manifest = Test-ModuleManifest $ManifestPath
        @($manifest.ExportedCmdlets.Keys | Sort-Object) | Should -Be @((Get-Module Bitswap).ExportedCmdlets.Keys | Sort-Object)
    }

    It 'SD04: it tells what it does to those who listen' {
        $node = @(Start-BitswapNode -Verbose 4>&1)
        @($node | Where-Object { $_ -is [Management.Automation.VerboseRecord] -and $_.Message -match 'listens on' }) | Should -Not -BeNullOrEmpty
        $other = Start-BitswapNode
        $told = Connect-BitswapPeer $other -Node ($node | Where-Object { $_ -is [Bitswap.BitswapNode] }) -Verbose 4>&1
        @($told | Where-Object { $_ -is [Management.Automation.VerboseRecord] -and $_.Message -match 'dials' }) | Should -HaveCount 1
    }

    It 'SC03: it gives objects one by one' {
        $node = Start-BitswapNode
        $seen = [Collections.Generic.List[int]]::new()
        'one', 'two', 'three' | Add-BitswapBlock -Node $node | ForEach-Object { $seen.Add(@($_).Count) }
        $seen | Should -Be 1, 1, 1
        Get-BitswapBlock -Local -Node $node | ForEach-Object { $seen.Add(@($_).Count) }
        $seen | Should -Be 1, 1, 1, 1, 1, 1
        $null = Start-BitswapNode
        Get-BitswapNode | ForEach-Object { $seen.Add(@($_).Count) }
        $seen.Count | Should -Be 8
    }

    It 'SC04: names are taken in any case, and kept as they were written' {
        $node = Start-BitswapNode -Name 'MixedCase'
        (Get-BitswapNode 'mixedcase').Name | Should -BeExactly 'MixedCase'
        (Get-BitswapStat -Node 'MIXEDCASE').Node | Should -BeExactly 'MixedCase'
        Set-BitswapNode $node -Option @{ UPLOADRATE = 1MB }
        (Get-BitswapCid 'x' -Codec DAG-PB -WarningAction SilentlyContinue).Codec | Should -Be 'dag-pb'
        Get-BitswapWantlist -Direction RECEIVED -Node $node | Should -BeNullOrEmpty
    }

    It 'takes times as seconds and as spans' {
        $node = Start-BitswapNode
        foreach ($name in (Get-Module Bitswap).ExportedCmdlets.Keys) {
            foreach ($parameter in (Get-Command $name).Parameters.Values | Where-Object { $_.Name -in 'TimeoutSeconds', 'Delay', 'Interval' }) {
                @($parameter.Attributes | Where-Object { $_.GetType().Name -eq 'SecondsAttribute' }) | Should -HaveCount 1 -Because "$name -$($parameter.Name)"
            }
        }

        $took = Measure-Command {
            (Get-Failure { New-UnknownCid | Start-BitswapWant -Node $node -TimeoutSeconds ([timespan]::FromMilliseconds(300)) | Wait-BitswapWant -TimeoutSeconds ([timespan]::FromSeconds(20)) }).FullyQualifiedErrorId | Should -Match '^Timeout,'
        }
        $took.TotalSeconds | Should -BeLessThan 15
    }
}

Describe '-PassThru' {
    BeforeAll { $pair = New-NodePair }
    AfterAll { Clear-Nodes }

    It 'gives what was removed, stopped or disconnected' {
        $block = 'passed' | Add-BitswapBlock -Node $pair.Client
        $removed = $block | Remove-BitswapBlock -PassThru
        $removed.Cid, $removed.Size | Should -Be $block.Cid, 6
        $block | Remove-BitswapBlock -PassThru -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $pin = 'pinned' | Add-BitswapBlock -Node $pair.Client | Add-BitswapPin -Name kept
        ($pin | Remove-BitswapPin -PassThru).Name | Should -Be 'kept'
        $want = New-UnknownCid | Start-BitswapWant -Node $pair.Client
        ($want | Stop-BitswapWant -PassThru).State | Should -Be 'Cancelled'
        (Disconnect-BitswapPeer $pair.Provider -Node $pair.Client -PassThru).PeerId | Should -Be $pair.Provider.PeerId
        $stopped = Stop-BitswapNode $pair.Client -PassThru
        $stopped.Name, $stopped.IsRunning | Should -Be $pair.Client.Name, $false
    }
}

Describe '-WhatIf' {
    AfterAll { Clear-Nodes }

    It 'changes nothing' {
        Start-BitswapNode -Name never -WhatIf | Should -BeNullOrEmpty
        Get-BitswapNode | Should -BeNullOrEmpty
        $node = Start-BitswapNode -Name real
        $other = Start-BitswapNode -Name other
        'data' | Add-BitswapBlock -Node $node -WhatIf | Should -BeNullOrEmpty
        Get-BitswapBlock -Local -Node $node | Should -BeNullOrEmpty
        Connect-BitswapPeer $other -Node $node -WhatIf | Should -BeNullOrEmpty
        $node.Peers | Should -BeNullOrEmpty
        New-UnknownCid | Start-BitswapWant -Node $node -WhatIf | Should -BeNullOrEmpty
        Get-BitswapWantlist -Node $node | Should -BeNullOrEmpty
        $block = 'data' | Add-BitswapBlock -Node $node
        $block | Add-BitswapPin -WhatIf | Should -BeNullOrEmpty
        Get-BitswapPin -Node $node | Should -BeNullOrEmpty
        $trace = Start-BitswapTrace -Node $node
        Stop-BitswapTrace $trace -WhatIf | Should -BeNullOrEmpty
        $trace.State | Should -Be 'Running'
        $folder = New-TemporaryFolder
        $null = $block | Export-BitswapCar -Path "$folder/a.car"
        Import-BitswapCar "$folder/a.car" -Node $other -WhatIf | Should -BeNullOrEmpty
        Get-BitswapBlock -Local -Node $other | Should -BeNullOrEmpty
        Remove-Item -LiteralPath $folder -Recurse
    }
}
