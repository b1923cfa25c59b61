BeforeDiscovery {
    . "$PSScriptRoot/HelpPages.ps1"
    $pages = @(Get-HelpPage)
    $topics = @(Get-ChildItem -LiteralPath $HelpFolder -Filter 'about_*.help.txt' | ForEach-Object { $_.Name -replace '\.help\.txt$' })
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/HelpPages.ps1"
    $manifest = Import-PowerShellDataFile -LiteralPath $ManifestPath
    $all = @(Get-HelpPage)
    $common = [Management.Automation.PSCmdlet]::CommonParameters
    $catalog = [Bitswap.BitswapNode].Assembly.GetType('Bitswap.Errors.ErrorCatalog').GetProperty('All').GetValue($null)
    $errorIds = @($catalog | ForEach-Object { $_.GetType().GetProperty('Id').GetValue($_) })
}

Describe 'The pages' {
    It 'are one for each cmdlet' {
        $all.Name | Sort-Object | Should -Be ($manifest.CmdletsToExport | Sort-Object)
    }

    It 'have nothing left to fill in' {
        foreach ($page in $all) {
            $page.Text | Should -Not -Match '\{\{' -Because $page.Name
        }
    }
}

Describe '<_.Name>' -ForEach $pages {
    BeforeAll {
        $page = $_
        $command = Get-Command $page.Name
    }

    It 'has its sections' {
        foreach ($section in 'SYNOPSIS', 'SYNTAX', 'DESCRIPTION', 'EXAMPLES', 'PARAMETERS', 'OUTPUTS', 'NOTES', 'RELATED LINKS') {
            $page.Sections[$section] | Should -Not -BeNullOrEmpty -Because $section
        }

        $page.Sections['SYNOPSIS'] | Should -Not -Match '\n'
    }

    It 'has three examples, each with words about it' {
        $page.Examples.Count | Should -BeGreaterOrEqual 3
        foreach ($example in $page.Examples) {
            $example.Title | Should -Match "^Example $($example.Number): \S"
            $example.Code | Should -Match $page.Name
            $example.Text | Should -Not -BeNullOrEmpty -Because $example.Title
        }
    }

    It 'has the parameters of the cmdlet, and no other' {
        $real = $command.Parameters.Keys | Where-Object { $_ -notin $common } | Sort-Object
        $page.Parameters.Name | Sort-Object | Should -Be $real
    }

    It 'tells of each parameter what is so' {
        foreach ($parameter in $page.Parameters) {
            $because = "-$($parameter.Name)"
            $real = $command.Parameters[$parameter.Name]
            $parameter.Description | Should -Not -BeNullOrEmpty -Because $because
            $parameter.Type | Should -Be $real.ParameterType.ToString() -Because $because
            $parameter.Aliases | Sort-Object | Should -Be ($real.Aliases | Sort-Object) -Because $because
            $parameter.Wildcards | Should -Be ($real.Attributes.TypeId -contains [Management.Automation.SupportsWildcardsAttribute]) -Because $because
            $parameter.Sets.Name | Sort-Object | Should -Be ($real.ParameterSets.Keys -replace '^__AllParameterSets$', '(All)' | Sort-Object) -Because $because
            foreach ($set in $parameter.Sets) {
                $its = $real.ParameterSets[$set.Name -replace '^\(All\)$', '__AllParameterSets']
                $set.IsRequired | Should -Be "$($its.IsMandatory)" -Because $because
                $set.Position | Should -Be ($its.Position -lt 0 ? 'Named' : "$($its.Position)") -Because $because
                $set.ValueFromPipeline | Should -Be "$($its.ValueFromPipeline)" -Because $because
                $set.ValueFromPipelineByPropertyName | Should -Be "$($its.ValueFromPipelineByPropertyName)" -Because $because
            }
        }
    }

    It 'shows in its syntax the parameters of each set, and no other' {
        $shown = [regex]::Matches($page.Sections['SYNTAX'], '(?<=[\s\[])-(\w+)').ForEach{ $_.Groups[1].Value } | Sort-Object -Unique
        $shown | Should -Be ($page.Parameters.Name | Sort-Object)
        ([regex]::Matches($page.Sections['SYNTAX'], "(?m)^$($page.Name)\b")).Count | Should -Be $command.ParameterSets.Count
    }

    It 'names the types that come out' {
        $names = @((Split-Section $page.Sections['OUTPUTS'] '###').Keys)
        $real = @($command.OutputType.Type.FullName | Sort-Object -Unique)
        $names | Sort-Object | Should -Be ($real.Count -gt 0 -and $real[0] ? $real : 'None')
    }

    It 'names error ids that there are' {
        $named = [regex]::Matches($page.Sections['NOTES'], '`([A-Z][A-Za-z]+)`').ForEach{ $_.Groups[1].Value }
        $named | Should -Not -BeNullOrEmpty
        foreach ($id in $named) {
            $errorIds | Should -Contain $id
        }
    }

    It 'links to pages and topics that there are' {
        $links = [regex]::Matches($page.Sections['RELATED LINKS'], '\[([^\]]+)\]\(([^)]+)\)')
        $links.Count | Should -BeGreaterOrEqual 2
        foreach ($link in $links) {
            Join-Path $HelpFolder $link.Groups[2].Value | Should -Exist
            ($link.Groups[2].Value -split '\.')[0] | Should -Be $link.Groups[1].Value
        }
    }

    It 'is what Get-Help shows' {
        $help = Get-Help $page.Name -Full
        $help.Synopsis | Should -Be $page.Sections['SYNOPSIS'].Replace('`', '')
        @($help.examples.example).Count | Should -Be $page.Examples.Count
        foreach ($example in $page.Examples) {
            @($help.examples.example)[$example.Number - 1].code | Should -Be $example.Code
        }

        @($help.parameters.parameter.name) | Sort-Object | Should -Be ($page.Parameters.Name | Sort-Object)
        $help | Out-String -Width 100 | Should -Not -Match '```|\u0080'
    }
}

Describe 'The help file' {
    It 'is the one that the build lays out' {
        foreach ($file in Get-ChildItem -LiteralPath $HelpFolder -File | Where-Object Extension -In '.xml', '.txt') {
            $built = Join-Path $ModuleRoot 'bin/Bitswap/en-US' $file.Name
            $built | Should -Exist
            (Get-FileHash -LiteralPath $built).Hash | Should -Be (Get-FileHash -LiteralPath $file.FullName).Hash
        }
    }

    It 'is made of the pages as they are' {
        if (-not (Get-Module -ListAvailable Microsoft.PowerShell.PlatyPS)) {
            Set-ItResult -Skipped -Because 'Microsoft.PowerShell.PlatyPS is not installed'
            return
        }

        $folder = New-TemporaryFolder
        try {
            # in a process of its own: PlatyPS brings assemblies along
            $null = & $PowerShellHost.FilePath @($PowerShellHost.ArgumentList) -NoProfile -NonInteractive -File (Join-Path $RepositoryRoot 'docs/Export-Help.ps1') -Destination $folder
            $LASTEXITCODE | Should -Be 0
            $made = [IO.File]::ReadAllText((Join-Path $folder 'Bitswap.dll-Help.xml'))
            $kept = [IO.File]::ReadAllText((Join-Path $HelpFolder 'Bitswap.dll-Help.xml')).Replace("`r`n", "`n")
            $made -ceq $kept | Should -BeTrue -Because './build.ps1 Docs makes it anew when a page has changed'
        }
        finally {
            Remove-Item -LiteralPath $folder -Recurse -Force
        }
    }
}

Describe 'The topics' {
    It 'are those that there ought to be' {
        foreach ($name in 'about_Bitswap', 'about_BitswapNetworking', 'about_BitswapBlockStores', 'about_BitswapSecurity', 'about_BitswapTesting') {
            Join-Path $HelpFolder "$name.help.txt" | Should -Exist
        }
    }

    It '<_> is found by Get-Help, and fits 80 columns' -ForEach $topics {
        $text = [IO.File]::ReadAllText((Join-Path $HelpFolder "$_.help.txt")).Replace("`r`n", "`n")
        (Get-Help $_ | Out-String).Replace("`r`n", "`n").Trim() | Should -Be $text.Trim()
        foreach ($line in $text -split '\n') {
            $line.Length | Should -BeLessOrEqual 80 -Because $line
            $line | Should -Not -Match '\t|\s$'
        }
    }

    It '<_> names cmdlets and error ids that there are' -ForEach $topics {
        $text = [IO.File]::ReadAllText((Join-Path $HelpFolder "$_.help.txt"))
        foreach ($name in [regex]::Matches($text, '\b[A-Z][a-z]+-Bitswap[A-Z]\w+').Value | Sort-Object -Unique) {
            $manifest.CmdletsToExport | Should -Contain $name
        }
    }

    It 'name every option of a node, and no other' {
        # in the private load context, where [...] does not look; what the module forwards leads there
        $table = [Bitswap.Node.Blockstores.MemoryBlockstore].Assembly.GetType('Bitswap.Node.NodeOptionTable')
        $text = [IO.File]::ReadAllText((Join-Path $HelpFolder 'about_Bitswap.help.txt'))
        $named = [regex]::Matches($text, '(?m)^    (\w+)  \(').ForEach{ $_.Groups[1].Value }
        $named | Sort-Object | Should -Be ($table.GetProperty('Names').GetValue($null) | Sort-Object)
    }

    It 'name every setting of a repository, and no other' {
        $text = [IO.File]::ReadAllText((Join-Path $HelpFolder 'about_Bitswap.help.txt')) -replace '\s+', ' '
        $named = [regex]::Match($text, 'has the names of the parameters ([\w, ]+), and the options of a node below Option:').Groups[1].Value -split ', | and '
        $settings = [Bitswap.BitswapNode].Assembly.GetType('Bitswap.Nodes.NodeSettings').GetProperties().Name
        @($named) + 'Option' | Sort-Object | Should -Be ($settings | Sort-Object)
    }
}

Describe 'The words' {
    BeforeDiscovery {
        $texts = Get-ChildItem -Path "$PSScriptRoot/../../README.md", "$PSScriptRoot/../../SECURITY.md", "$PSScriptRoot/../../docs/*.md", "$PSScriptRoot/../../docs/en-US/*.md", "$PSScriptRoot/../../docs/en-US/*.txt" | ForEach-Object { @{ Name = $_.Name; Path = $_.FullName } }
    }

    It 'are plain in <Name>' -ForEach $texts {
        $odd = [regex]::Matches([IO.File]::ReadAllText($Path), '(?i)\b(whoever|whomever|whosoever|nobody|of late|manners|thereof|whereby|hitherto)\b').Value
        $odd | Should -BeNullOrEmpty -Because 'a page is read once, by people whose first language is another'
    }

    It 'are plain in remedies' {
        $catalog = [Bitswap.BitswapNode].Assembly.GetType('Bitswap.Errors.ErrorCatalog')
        foreach ($kind in $catalog.GetProperty('All').GetValue($null)) {
            "$($kind.When) $($kind.Remedy)" | Should -Not -Match '(?i)\b(whoever|whomever|nobody|of late|thereof)\b' -Because $kind.Id
        }
    }
}
